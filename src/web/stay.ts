/**
 * One person's stay in the room, as this tab sees it: finds the session the browser holds or creates one, keeps
 * it through restarts of the server, and ends it.
 *
 * States: outside (`#askName`) → inside (`#enter`) → recovering (`#recover`: the session is gone through nobody's
 * will) → inside, or stopped (`#stop`) → inside or outside.
 */

import type { Problem, RoomApi } from './api.ts';
import { Connection, type ConnectionState } from './connection.ts';
import { type Earlier, Follower, historyPageSize } from './follower.ts';
import { Outbox } from './outbox.ts';
import { endingOf } from './outcome.ts';
import { backoffMs, type Schedule } from './schedule.ts';
import { SessionMaker, stoppedText } from './session-maker.ts';
import type { StayKeepsakes, StayView } from './stay-view.ts';
import { strings } from './strings.ts';
import type { Ending, SessionInfo } from './wire.ts';

/** How long another tab may need to get a new session's cookie after the old one has ended. */
const otherTabMs = 1000;

/** Pages send what they have within this time after the store has come back. */
const storeBackMs = 2000;

export class Stay {
  readonly #api: RoomApi;
  readonly #view: StayView;
  readonly #keepsakes: StayKeepsakes;
  readonly #schedule: Schedule;
  readonly #sessions: SessionMaker;
  #session: SessionInfo | undefined;
  #follower: Follower | undefined;
  #connection: Connection | undefined;
  #outbox: Outbox | undefined;
  #earlier: Earlier;
  #isRecovering = false;
  #isLeaving = false;
  /** What `#gone` was told last. */
  #endingMeanwhile: Ending | undefined;
  #pause = new AbortController();

  constructor(api: RoomApi, view: StayView, keepsakes: StayKeepsakes, schedule: Schedule) {
    this.#api = api;
    this.#sessions = new SessionMaker(api);
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
    const answer = await this.#sessions.create(name);
    if (!answer.ok) return answer.problem;
    this.#keepsakes.name = answer.body.name;
    this.#enter(answer.body);
    return undefined;
  }

  /** Leaves for good; the answer is the problem, if that could not be said to the server. */
  async leave(): Promise<Problem | undefined> {
    // Told first: the streams of this tab and of others end before the answer is here.
    this.#keepsakes.leftSession = this.#session?.sessionId ?? '';
    this.#isLeaving = true;
    const answer = await this.#api.destroy();
    this.#isLeaving = false;
    if (!answer.ok && endingOf(answer.problem) === undefined) {
      this.#keepsakes.leftSession = '';
      if (this.#endingMeanwhile !== undefined) void this.#gone(this.#endingMeanwhile);
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
    this.#endingMeanwhile = undefined;
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
        this.#view.notice(isStoreAway ? strings.storeAway : '');
        if (!isStoreAway) void this.#sendSoon();
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
    this.#sessions.worked();
    this.#outbox?.open();
  }

  /** The store is back: what it refused need not wait for its turn, but not all pages at once. */
  async #sendSoon(): Promise<void> {
    const outbox = this.#outbox;
    await this.#schedule.sleep(this.#schedule.random() * storeBackMs, new AbortController().signal);
    if (this.#outbox === outbox) outbox?.hurry();
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
    this.#endingMeanwhile = ending;
    if (this.#isLeaving || this.#isRecovering || this.#session === undefined) return;
    this.#connection?.close();
    this.#outbox?.close();
    const wasLeft = this.#keepsakes.leftSession === this.#session.sessionId;
    if (ending.action === 'create' && !wasLeft) return this.#recover(ending);
    if (ending.reason !== 'destroyed' && !wasLeft) return this.#stop(ending);
    // In another tab the session was left, or given up for one under another name, whose cookie follows in a
    // moment. Asked too early, the answer would be about the old one.
    const follower = this.#follower;
    await this.#schedule.sleep(otherTabMs, this.#pause.signal);
    const answer = await this.#api.getSession();
    if (this.#follower !== follower) return;
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
  async #recover(ending: Ending): Promise<void> {
    const { name, sessionId } = this.#session ?? { name: '', sessionId: '' };
    const follower = this.#follower;
    this.#isRecovering = true;
    this.#view.state('connecting');
    const outcome = await this.#sessions.createAgain(name, ending, (failures, problem) => {
      if (problem.code !== 'name-in-use' && failures > 1) this.#view.state('offline');
      return this.#wait(failures, problem);
    });
    this.#isRecovering = false;
    if (this.#follower !== follower || this.#session?.sessionId !== sessionId) return;
    if ('notice' in outcome) return this.#askName(outcome.notice);
    this.#session = outcome;
    this.#outbox?.sessionIs(outcome.sessionId);
    // Read on before sending again: what seemed lost may be in the log.
    const end = await follower?.catchUp();
    if (end === 'head') this.#outbox?.settle();
    if (end === 'failed') this.#outbox?.giveUp(strings.maybeSent);
    if (this.#follower === follower) this.#connection?.open();
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
