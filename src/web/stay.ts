/**
 * One person's stay in the room, as this tab sees it: finds the session the browser holds or creates one, keeps
 * it through restarts of the server, and ends it.
 *
 * States: outside (`#askName`) → inside (`#enter`) → recovering (`#recover`: the session is gone through nobody's
 * will) → inside, or stopped (`#stop`) → inside or outside.
 */

import type { Problem, RoomApi } from './api.ts';
import { Connection, type ConnectionState, endingOf } from './connection.ts';
import { type Earlier, Follower, historyPageSize } from './follower.ts';
import { Outbox, type Outgoing } from './outbox.ts';
import { randomId } from './random-id.ts';
import { backoffMs, type Schedule } from './schedule.ts';
import { strings } from './strings.ts';
import type { AnyEvent, Ending, SessionInfo } from './wire.ts';

/** What is known of the log before the first entry. `none`: nothing. */
export type EarlierState = 'none' | 'beginning' | 'more' | 'busy' | 'failed';

/** What outlives the page. */
export interface StayKeepsakes {
  /** The name used last. */
  name: string;
  /** The session that was left on purpose, in whichever tab: no other tab must create it again. */
  leftSession: string;
  outbox: readonly Outgoing[];
}

/** What of a stay is shown. */
export interface StayView {
  loading(isOffline: boolean): void;
  noRoom(): void;
  /** @param notice why, if it was not one's own wish */
  join(name: string, notice: string): void;
  room(ownName: string): void;
  stopped(text: string, label: string, onGoOn: () => void): void;
  state(state: ConnectionState): void;
  banner(text: string): void;
  roster(names: readonly string[]): void;
  begin(events: readonly AnyEvent[]): void;
  append(events: readonly AnyEvent[]): void;
  prepend(events: readonly AnyEvent[]): void;
  earlier(state: EarlierState): void;
  gap(lost: number | null): void;
  note(text: string): void;
  outgoing(messages: readonly Outgoing[]): void;
  /** Gives a refused text back, unless something else is being written; says whether it did. */
  giveBack(text: string, detail: string): boolean;
}

/** Sessions created in a row without one working: then it is not chance. */
const maxFutileSessions = 4;
const nameInUseTries = 5;

export class Stay {
  readonly #api: RoomApi;
  readonly #view: StayView;
  readonly #keepsakes: StayKeepsakes;
  readonly #schedule: Schedule;
  #session: SessionInfo | undefined;
  #follower: Follower | undefined;
  #connection: Connection | undefined;
  #outbox: Outbox | undefined;
  #earlier: Earlier;
  #isStoreAway = false;
  #isRecovering = false;
  #futileSessions = 0;
  #pause = new AbortController();
  #attempt: { readonly name: string; readonly key: string } | undefined;

  constructor(api: RoomApi, view: StayView, keepsakes: StayKeepsakes, schedule: Schedule) {
    this.#api = api;
    this.#view = view;
    this.#keepsakes = keepsakes;
    this.#schedule = schedule;
  }

  /** Goes on with the session this browser holds, or asks for a name. */
  async start(): Promise<void> {
    this.#view.loading(false);
    for (let failures = 1; ; failures++) {
      const answer = await this.#api.getSession();
      if (answer.ok) return this.#enter(answer.body);
      const { problem } = answer;
      if (problem.code === 'room-not-found') return this.#view.noRoom();
      const ending = endingOf(problem);
      if (ending !== undefined) return this.#askName(ending.action === 'stop' ? stoppedText(ending) : '');
      this.#view.loading(true);
      await this.#wait(failures, problem);
    }
  }

  /** Joins by a name; the answer is the problem, if there is one. */
  async join(name: string): Promise<Problem | undefined> {
    // A lost answer is asked for again with the same key, or the name would be taken by oneself.
    if (this.#attempt?.name !== name) this.#attempt = { name, key: randomId() };
    const answer = await this.#api.create(name, this.#attempt.key);
    if (!answer.ok) return answer.problem;
    this.#attempt = undefined;
    this.#futileSessions = 1;
    this.#keepsakes.name = answer.body.name;
    this.#enter(answer.body);
    return undefined;
  }

  /** Leaves for good; the answer is the problem, if that could not be said to the server. */
  async leave(): Promise<Problem | undefined> {
    // Told first: the streams of other tabs end before the answer is here.
    const sessionId = this.#session?.sessionId ?? '';
    this.#keepsakes.leftSession = sessionId;
    const answer = await this.#api.destroy();
    if (!answer.ok && endingOf(answer.problem) === undefined) {
      this.#keepsakes.leftSession = '';
      return answer.problem;
    }
    this.#keepsakes.outbox = [];
    this.#askName('');
    return undefined;
  }

  /** Takes a text to send; false if too many wait already. */
  send(text: string): boolean {
    return this.#outbox?.add(text) ?? false;
  }

  sendAgain(key: string): void {
    this.#outbox?.retry(key);
  }

  discard(key: string): void {
    this.#outbox?.discard(key);
  }

  /** Whatever waits for its turn is tried now. */
  nudge(): void {
    this.#pause.abort();
    this.#connection?.nudge();
  }

  async showEarlier(): Promise<void> {
    const { before } = this.#earlier ?? {};
    const follower = this.#follower;
    if (before === undefined) return;
    this.#view.earlier('busy');
    const answer = await this.#api.history(before, historyPageSize);
    if (this.#follower !== follower || this.#earlier === undefined) return;
    if (!answer.ok) return this.#view.earlier('failed');
    if (answer.body.lost !== undefined) return this.#view.earlier('none');
    this.#view.prepend(answer.body.events);
    this.#setEarlier(answer.body.more ? { before: answer.body.cursor } : undefined);
  }

  #enter(session: SessionInfo): void {
    this.#close();
    this.#session = session;
    this.#view.room(session.name);
    const follower = new Follower(this.#api, this.#schedule, {
      began: (events, earlier) => {
        this.#view.begin(events);
        this.#setEarlier(earlier);
        this.#outbox?.seen(events, this.#ownName);
      },
      arrived: (events) => {
        this.#view.append(events);
        this.#outbox?.seen(events, this.#ownName);
      },
      gap: (lost) => this.#gap(lost),
      healed: (count) => this.#view.note(strings.healed(count)),
      roster: (names) => this.#view.roster(names),
      status: (isStoreAway) => {
        this.#isStoreAway = isStoreAway;
        this.#view.banner(isStoreAway ? strings.storeAway : '');
      },
      state: (state) => this.#state(state),
      gone: (ending) => void this.#gone(ending),
    });
    const outbox = new Outbox(
      this.#api,
      this.#schedule,
      {
        changed: (messages) => {
          this.#keepsakes.outbox = messages;
          this.#view.outgoing(messages);
        },
        refused: ({ text }, problem) => this.#view.giveBack(text, problem.detail),
        sessionLost: (problem) => void this.#gone(endingOf(problem) ?? {}),
      },
      this.#keepsakes.outbox,
    );
    outbox.sessionIs(session.sessionId);
    // Of what an earlier stay may have sent, nobody knows but the user.
    outbox.giveUp(strings.maybeSent);
    this.#follower = follower;
    this.#outbox = outbox;
    this.#connection = new Connection(this.#api, follower, this.#schedule);
    this.#connection.open();
  }

  get #ownName(): string {
    return this.#session?.name ?? '';
  }

  #state(state: ConnectionState): void {
    this.#view.state(state);
    if (state !== 'live' && state !== 'polling') return;
    this.#futileSessions = 0;
    if (this.#isStoreAway) this.#view.banner(strings.storeAway);
    this.#outbox?.open();
  }

  #gap(lost: number | null): void {
    this.#view.gap(lost);
    // Cursors of another epoch lead nowhere.
    if (lost === null) this.#earlier = undefined;
    if (lost === null) this.#view.earlier('none');
    this.#outbox?.gap(lost !== null, strings.maybeSent);
  }

  #setEarlier(earlier: Earlier): void {
    this.#earlier = earlier;
    this.#view.earlier(earlier === undefined ? 'beginning' : 'more');
  }

  async #gone(ending: Ending): Promise<void> {
    if (this.#isRecovering || this.#session === undefined) return;
    this.#connection?.close();
    this.#outbox?.close();
    if (ending.reason === 'credentials-required' && this.#futileSessions > 0) {
      return this.#askName(strings.cookiesNeeded);
    }
    const wasLeft = this.#keepsakes.leftSession === this.#session.sessionId;
    if (ending.action === 'create' && !wasLeft) return this.#recover();
    if (ending.reason !== 'destroyed' && !wasLeft) return this.#stop(ending);
    // In another tab the session was left, or given up for one under another name.
    const answer = await this.#api.getSession();
    if (answer.ok) this.#enter(answer.body);
    else this.#stop({ reason: 'destroyed' });
  }

  #stop(ending: Ending): void {
    const text = stoppedText(ending);
    if (ending.reason === 'superseded') {
      this.#view.stopped(text, strings.useHere, () => {
        this.#view.room(this.#ownName);
        this.#connection?.open();
      });
      return;
    }
    const name = this.#ownName;
    this.#close();
    this.#view.stopped(text, strings.joinAgain, () => void this.#joinAgain(name));
  }

  async #joinAgain(name: string): Promise<void> {
    const problem = await this.join(name);
    if (problem !== undefined) this.#askName(problem.detail);
  }

  /** Creates a session anew under the same name and goes on where the log was left. */
  async #recover(): Promise<void> {
    const { name, sessionId } = this.#session ?? { name: '', sessionId: '' };
    const follower = this.#follower;
    this.#isRecovering = true;
    this.#view.state('connecting');
    const outcome = await this.#createAgain(name);
    this.#isRecovering = false;
    if (this.#follower !== follower || this.#session?.sessionId !== sessionId) return;
    if ('notice' in outcome) return this.#askName(outcome.notice);
    this.#session = outcome;
    this.#outbox?.sessionIs(outcome.sessionId);
    // Read on before sending again: what seemed lost may be in the log.
    if ((await follower?.catchUp()) === true) this.#outbox?.settle();
    else this.#outbox?.giveUp(strings.maybeSent);
    if (this.#follower === follower) this.#connection?.open();
  }

  async #createAgain(name: string): Promise<SessionInfo | { notice: string }> {
    const key = randomId();
    for (let failures = 1, refusals = 0; ; failures++) {
      this.#futileSessions += 1;
      if (this.#futileSessions > maxFutileSessions) return { notice: strings.cookiesNeeded };
      const answer = await this.#api.create(name, key);
      if (answer.ok) return answer.body;
      const { problem } = answer;
      // Another tab of this browser may have been quicker; then its cookie is ours.
      const isTaken = problem.code === 'name-in-use';
      if (isTaken) refusals += 1;
      if (refusals >= nameInUseTries || (!isTaken && isLasting(problem))) return { notice: problem.detail };
      this.#futileSessions -= 1;
      if (!isTaken && failures > 1) this.#view.state('offline');
      await this.#wait(isTaken ? refusals : failures, problem);
    }
  }

  async #wait(failures: number, problem: Problem): Promise<void> {
    this.#pause = new AbortController();
    const ms = backoffMs(failures, this.#schedule.random(), problem.retryAfterMs);
    await this.#schedule.sleep(ms, this.#pause.signal);
  }

  #askName(notice: string): void {
    this.#close();
    this.#view.join(this.#keepsakes.name, notice);
  }

  #close(): void {
    this.#connection?.close();
    this.#follower?.close();
    this.#outbox?.close();
    this.#session = undefined;
    this.#follower = undefined;
    this.#connection = undefined;
    this.#outbox = undefined;
    this.#earlier = undefined;
  }
}

/** Problems that waiting does not cure. */
function isLasting({ status }: Problem): boolean {
  return status >= 400 && status < 500 && status !== 429 && status !== 408;
}

function stoppedText({ reason, detail }: Ending): string {
  return strings.stopped[reason ?? ''] ?? detail ?? strings.stoppedOtherwise;
}
