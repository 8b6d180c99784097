/**
 * Finds, creates, keeps and ends the session, and follows the room as long as there is one.
 *
 * States: outside (no `session`: at first, and after `end`) → inside (`#enter`) → inside with another session (`#recover`)
 * → outside. Who asks for something else than what is under way makes that void (`#turn`).
 */

import type { RoomApi } from './api.ts';
import { nameInUseTries, otherTabMs } from './bounds.ts';
import type { ClientOptions } from './client-options.ts';
import { Connection } from './connection.ts';
import { earlier } from './earlier.ts';
import { Follower } from './follower.ts';
import type { Link } from './link.ts';
import type { Tell } from './news.ts';
import type { Outbox } from './outbox.ts';
import { endingOf, isPassing, outside } from './outcome.ts';
import { type Problem, ProblemError } from './problem.ts';
import type { Schedule } from './schedule.ts';
import { SessionMaker } from './session-maker.ts';
import type { Keepsakes } from './storage.ts';
import { type Ending, type Joiner, knownOf, type SessionInfo } from './wire.ts';
import { Wish } from './wish.ts';

const destroyed: Ending = { reason: 'destroyed', action: 'stop' };

export class SessionKeeper {
  session: SessionInfo | undefined;
  /** Why one is outside. */
  ending: Ending | undefined;
  follower: Follower | undefined;
  readonly maker: SessionMaker;
  readonly #api: RoomApi;
  readonly #schedule: Schedule;
  readonly #kept: Keepsakes;
  readonly #options: ClientOptions;
  readonly #outbox: Outbox;
  readonly #tell: Tell;
  #link: Link | undefined;
  /** What ends meanwhile is no news: one is leaving, or creating a session. */
  #isBusy = false;
  #wish: Wish;

  constructor(
    api: RoomApi,
    schedule: Schedule,
    kept: Keepsakes,
    options: ClientOptions,
    outbox: Outbox,
    tell: Tell,
  ) {
    this.#api = api;
    this.#schedule = schedule;
    this.#kept = kept;
    this.#options = options;
    this.#outbox = outbox;
    this.#tell = tell;
    this.maker = new SessionMaker(api);
    this.#wish = new Wish(schedule, tell);
  }

  async resume(): Promise<boolean> {
    this.#turn();
    this.#tell('state', 'connecting', {});
    return this.#find((problem) => this.end(endingOf(problem, 'stop')));
  }

  async join(joiner: Joiner & { readonly isPatient?: boolean }): Promise<void> {
    this.maker.isFor(joiner);
    this.#turn();
    const session = await this.#wish.persist(
      () => this.maker.create(),
      (problem) => Promise.reject(new ProblemError(problem)),
      joiner.isPatient ? isPassing : () => false,
    );
    if (!session) throw new ProblemError(outside());
    await this.#enter(session);
  }

  async renew(): Promise<void> {
    const { session } = this;
    if (!session || this.#isBusy) return;
    const { life } = this.#wish;
    const old = this.#kept.get('token');
    // The old session ends as taken over, which is no news.
    this.#isBusy = true;
    const answer = await this.maker.create(session.name);
    // Something else was wished meanwhile, and counts.
    if (life.aborted) return;
    this.#isBusy = false;
    if (!answer.ok) {
      // If the session has ended meanwhile, it is told now.
      this.#link?.open();
      throw new ProblemError(answer.problem);
    }
    this.#hush();
    if (answer.body.name === session.name) return this.#goOn(answer.body);
    // Somebody else: nothing has ended the session of before.
    const fresh = this.#kept.get('token');
    this.#kept.set('token', old);
    void this.#api.destroy();
    this.#kept.set('token', fresh);
    return this.#enter(answer.body);
  }

  async leave(): Promise<void> {
    // It would come after this one has ended, and stay: nobody would leave it.
    if (this.maker.underWay) await this.maker.underWay;
    // Kept first: the streams of this tab and of others end before the answer is here.
    this.#kept.set('left', this.session?.sessionId ?? '');
    this.#isBusy = true;
    const answer = await this.#api.destroy();
    this.#isBusy = false;
    if (!answer.ok && !endingOf(answer.problem)) {
      this.#kept.set('left', '');
      // If it has ended meanwhile, it is told now.
      this.#link?.open();
      throw new ProblemError(answer.problem);
    }
    this.end(destroyed);
    this.#kept.set('outbox', '');
    this.#outbox.restore();
    this.#kept.set('token', '');
  }

  nudge(): void {
    this.#wish.nudge();
    this.#link?.nudge();
  }

  /** The session has ended, or its stream for good. */
  readonly gone = async (ending: Ending): Promise<void> => {
    if (this.#isBusy || !this.session) return;
    this.#hush();
    if (this.#kept.get('left') !== this.session.sessionId) {
      if (ending.action === 'create' && this.maker.hasHope) return this.#recover(this.session);
      if (ending.reason !== 'destroyed') return this.end(ending);
    }
    // In another tab the session was left, or given up for one under another name, whose cookie follows in a
    // moment. Asked too early, the answer would be about the old one.
    const { life } = this.#wish;
    await this.#schedule.sleep(otherTabMs, life);
    if (!life.aborted) await this.#find(() => this.end(destroyed));
  };

  /** One is outside from now on. Of a stream that was superseded, the session is there to go on with. */
  end(ending?: Ending): void {
    this.ending = ending;
    this.#outbox.end(outside(ending));
    if (ending?.reason !== 'superseded') this.#shut();
    this.#tell('state', 'ended', {});
  }

  #shut(): void {
    this.#turn();
    this.#hush();
    this.session = undefined;
    this.follower = undefined;
    this.#link = undefined;
  }

  /** Nothing is heard and sent any more. */
  #hush(): void {
    this.#link?.close();
    this.#outbox.close();
  }

  #turn(): void {
    this.#wish.drop();
    this.#wish = new Wish(this.#schedule, this.#tell);
    this.#isBusy = false;
  }

  /** Goes on with the session that the browser or the storage holds. */
  async #find(fail: (problem: Problem) => void): Promise<boolean> {
    const session = await this.#wish.persist(() => this.#api.getSession(), fail);
    if (session) await this.#enter(session);
    return session !== undefined;
  }

  #enter(session: SessionInfo): Promise<void> {
    // Of a stream that was superseded, nothing but the link has ended.
    if (session.sessionId !== this.session?.sessionId) {
      this.#shut();
      this.#outbox.restore();
    }
    this.ending = undefined;
    return this.#goOn(session);
  }

  /** Goes on with a session, or begins. */
  async #goOn(session: SessionInfo): Promise<void> {
    this.session = session;
    this.#tell('session', session);
    this.#tell('state', 'connecting', {});
    this.#tell('outbox', this.#outbox.messages);
    if (this.#link) return this.#link.open();
    const here = await this.#wish.persist(
      () => this.#api.getInitialUsers(),
      (problem) => this.gone(endingOf(problem, 'create')),
    );
    if (!here) return;
    const { after, history = 0, link: linkTo = (...parts) => new Connection(...parts) } = this.#options;
    const from = after ?? session.cursor ?? here.cursor;
    this.follower = new Follower(from, here.users, this.#tell, this.gone, () => this.#link?.open());
    this.#link = linkTo(this.#api, this.follower, this.#schedule, session.heartbeat * 1000);
    // Not waited for: who awaits `join` and listens then hears all of it.
    void this.#begin(this.#link, from, history);
  }

  /** Tells the events before those that are followed, and then those. */
  async #begin(link: Link, from: string, limit: number): Promise<void> {
    const { events, cursor, more } = await earlier(this.#api, from, limit);
    if (this.#link !== link) return;
    this.#tell('begin', knownOf(events), more ? cursor : undefined);
    link.open();
  }

  /** Creates a session anew under the same name and goes on where the log was left. */
  async #recover({ name }: SessionInfo): Promise<void> {
    this.#isBusy = true;
    this.#tell('state', 'connecting', {});
    let refusals = 0;
    const session = await this.#wish.persist(
      () => this.maker.create(name),
      (problem) => this.end(endingOf(problem, 'create')),
      // Another tab of this browser may have been quicker; then its cookie is ours.
      (problem) => isPassing(problem) || (problem.code === 'name-in-use' && ++refusals < nameInUseTries),
    );
    if (!session) return;
    this.#isBusy = false;
    await this.#goOn(session);
  }
}
