/**
 * One tab among those that share a session. One leads and holds the connection, the others listen to it.
 *
 * States: listening (`constructor`) → leading (`#lead`: the turn was granted, or stolen from a tab that did not answer) →
 * listening (`#lost`: it was stolen from this one). The session's end is told (`#over`) to the leader at once, and where a
 * new session is to be created, to the others one after the other as the turn comes to them: so one tab creates it, and
 * the others find that they hold it.
 */

import { silentHeartbeats } from '../../client/bounds.ts';
import type { LinkFactory } from '../../client/link.ts';
import type { Schedule } from '../../client/schedule.ts';
import type { Ending, SessionInfo } from '../../client/wire.ts';
import { Leading } from './leading.ts';
import { Listening } from './listening.ts';
import type { Channel, OpenChannel, TabMessage } from './talk.ts';
import type { Turn, TurnEvents } from './turn.ts';

/** A leader that lives answers within this time, even if nobody looks at it. */
const answerMs = 1000;

/** What a seat needs of the browser. */
export interface SeatParts {
  readonly openChannel: OpenChannel;
  readonly openTurn: (name: string, schedule: Schedule, events: TurnEvents) => Turn;
}

export class Seat {
  readonly session: SessionInfo;
  readonly #link: Parameters<LinkFactory>;
  readonly #gone: (ending: Ending) => void;
  readonly #life = new AbortController();
  readonly #channel: Channel<TabMessage>;
  readonly #turn: Turn;
  #role: Leading | Listening;
  /** Counts what the leader has said. */
  #heard = 0;
  #heardAt = 0;
  #ending: Ending | undefined;
  #isOver = false;

  /**
   * @param session those who are in it share the seat's connection
   * @param gone the session has ended; the seat is to be left, but not before a new session is found
   */
  constructor(
    session: SessionInfo,
    parts: SeatParts,
    link: Parameters<LinkFactory>,
    gone: (ending: Ending) => void,
  ) {
    this.session = session;
    this.#link = link;
    this.#gone = gone;
    this.#role = this.#listen();
    // Another version of the page may speak otherwise.
    const name = `parlor:tabs:1:${session.sessionId}`;
    this.#channel = parts.openChannel(name, (message) => this.#hear(message));
    this.#turn = parts.openTurn(name, this.#schedule, {
      granted: () => this.#lead(),
      lost: () => this.#lost(),
    });
    this.#turn.wait();
    void this.#ask(false);
    void this.#watch(link[3] * silentHeartbeats);
  }

  /** Whether the session's end was told. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Goes on from the sink's cursor once more. */
  again(): void {
    if (this.#role instanceof Leading) this.#role.open();
    else {
      this.#role.again();
      void this.#ask(false);
    }
  }

  nudge(): void {
    this.#role.nudge();
    if (this.#role instanceof Listening) void this.#ask(true);
  }

  leave(): void {
    this.#life.abort();
    this.#role.close();
    this.#turn.leave();
    this.#channel.close();
  }

  get #schedule(): Schedule {
    return this.#link[2];
  }

  #listen(): Listening {
    const [api, sink, schedule] = this.#link;
    return new Listening(api, sink, schedule, (ending) => {
      this.#over(ending);
      // The leader is to find it out as well.
      void this.#ask(true);
    });
  }

  #lead(): void {
    if (this.#ending !== undefined) this.#tellGone(this.#ending);
    if (this.#isOver || !(this.#role instanceof Listening)) return;
    const { status } = this.#role;
    this.#role.close();
    this.#role = new Leading(this.#link, status, {
      post: (telling) => this.#channel.post(telling),
      works: () => void this.#verify(),
      gone: (ending) => this.#tellGone(ending),
    });
    this.#role.open();
  }

  /**
   * While this one slept or was cut off, another tab may have brought a session of its own: with its cookie
   * everything works, and is that session's.
   */
  async #verify(): Promise<void> {
    const [api] = this.#link;
    const answer = await api.getSession();
    if (this.#life.signal.aborted || this.#isOver || !(this.#role instanceof Leading)) return;
    if (!answer.ok || answer.body.sessionId === this.session.sessionId) return;
    this.#role.close();
    // Under the same name `create` finds it; another one is not to be ended for this one's sake.
    const isSameName = answer.body.name === this.session.name;
    this.#role.gone(
      isSameName ? { reason: 'expired', action: 'create' } : { reason: 'destroyed', action: 'stop' },
    );
  }

  /** Asleep for a while, as a frozen tab; somebody else has the turn now. */
  #lost(): void {
    if (this.#isOver) return;
    this.#role.close();
    this.#role = this.#listen();
    this.#turn.wait();
    void this.#ask(false);
  }

  #hear(message: TabMessage): void {
    if (message.type === 'ask') {
      if (!(this.#role instanceof Leading)) return;
      if (message.isNudge) this.#role.nudge();
      this.#role.tellStatus();
      return;
    }
    this.#heard += 1;
    this.#heardAt = this.#schedule.now();
    const { at, told } = message;
    if (told.type === 'gone') this.#over(told.ending);
    // Two lead for a moment, until one of them learns that it has lost its turn.
    else if (this.#role instanceof Listening && !this.#isOver) this.#role.hear(at, told);
  }

  #over(ending: Ending): void {
    if (this.#isOver || this.#role instanceof Leading) return;
    if (ending.action !== 'create') {
      this.#tellGone(ending);
      return;
    }
    this.#ending = ending;
    this.#link[1].tell('state', 'connecting', {});
  }

  #tellGone(ending: Ending): void {
    this.#isOver = true;
    this.#gone(ending);
  }

  /** Asks the leader for a word; one who does not answer in time leads no longer. */
  async #ask(isNudge: boolean): Promise<void> {
    const heard = this.#heard;
    this.#channel.post({ type: 'ask', isNudge });
    // Not all at once: the first one becomes the leader that the others hear.
    await this.#schedule.sleep(answerMs * (1 + this.#schedule.random()), this.#life.signal);
    if (this.#life.signal.aborted || this.#isOver || this.#heard > heard) return;
    if (this.#role instanceof Listening) this.#turn.steal();
  }

  /** Hidden tabs' timers hardly run, but whoever looks at one of the tabs asks at once. */
  async #watch(silentMs: number): Promise<void> {
    for (let since = this.#schedule.now(); !this.#life.signal.aborted; ) {
      since = Math.max(since, this.#heardAt);
      const now = this.#schedule.now();
      if (now < since + silentMs) {
        await this.#schedule.sleep(since + silentMs - now, this.#life.signal);
        continue;
      }
      since = now;
      // What the server asked for is obeyed.
      if (this.#role instanceof Listening) void this.#ask(this.#role.status.detail.retryAt === undefined);
    }
  }
}
