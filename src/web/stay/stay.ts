/**
 * One person's stay in the room as the page shows it: what the client tells becomes what is seen, what the user wants
 * is asked of the client. The client keeps the session and everything that goes over the network.
 *
 * States: outside (`#askName`) → inside (`#inside`, with the client's `session`) → outside, or stopped (`#stopped`) →
 * inside or outside.
 */

import { maxOutbox } from '../../client/bounds.ts';
import type { ClientState, StateDetail } from '../../client/news.ts';
import type { Outgoing } from '../../client/outgoing.ts';
import { type Problem, ProblemError } from '../../client/problem.ts';
import type { RoomClient } from '../../client/room-client.ts';
import type { Ending } from '../../client/wire.ts';
import { strings } from '../text/strings.ts';
import { EarlierPages } from './earlier-pages.ts';
import { stoppedText, textOf } from './problem-text.ts';
import type { StayKeepsakes, StayView } from './stay-view.ts';

export class Stay {
  readonly #client: RoomClient;
  readonly #view: StayView;
  readonly #keepsakes: StayKeepsakes;
  /** As which one is inside; undefined: one is outside. */
  #name: string | undefined;
  #isLeaving = false;
  /** Since the session was created, the room was heard. */
  #wasHeard = false;
  readonly #earlier: EarlierPages;
  /** Failed messages that the user knows of. */
  #failed = new Set<string>();

  /** @param client with a history of `historyPageSize` */
  constructor(client: RoomClient, view: StayView, keepsakes: StayKeepsakes) {
    this.#client = client;
    this.#view = view;
    this.#keepsakes = keepsakes;
    this.#earlier = new EarlierPages(client.api, view);
    client.on('session', ({ name, maxMessageBytes }) => {
      view.limit(maxMessageBytes);
      this.#inside(name);
    });
    client.on('begin', (events, before) => {
      view.begin(events);
      this.#earlier.goOnAt(before);
    });
    client.on('events', (events) => view.append(events));
    client.on('gap', (lost) => this.#gap(lost));
    client.on('healed', (count) => {
      console.error(`${count} events were missing, and no gap was told.`);
      view.note(strings.healed(count));
    });
    client.on('roster', (names) => view.roster(names));
    client.on('store', (isAway) => view.notice(isAway ? strings.storeAway : ''));
    client.on('outbox', (messages) => this.#outgoing(messages));
    client.on('state', (state, detail) => this.#state(state, detail));
  }

  /** Goes on with the session this browser holds, or asks for a name. */
  async start(): Promise<void> {
    if (await this.#client.resume()) return;
    const { reason, action } = this.#client.ending ?? {};
    if (reason === 'room-not-found') this.#view.noRoom();
    else this.#askName(action === 'stop' ? stoppedText(this.#client.ending ?? {}) : '');
  }

  /** Joins by a name, or by what comes along; the answer is the problem, if there is one. */
  async join(name: string | undefined, password?: string): Promise<Problem | undefined> {
    const problem = await problemOf(this.#client.join({ name, password }));
    if (problem === undefined) this.#keepsakes.name = this.#client.name;
    return problem;
  }

  /** Leaves for good; the answer is the problem, if that could not be said to the server. */
  async leave(): Promise<Problem | undefined> {
    this.#isLeaving = true;
    const problem = await problemOf(this.#client.leave());
    this.#isLeaving = false;
    return problem;
  }

  /** Takes a text to send; false if too many wait already. */
  send(text: string): boolean {
    if (this.#client.outbox.length >= maxOutbox) return false;
    void this.#client.send(text);
    return true;
  }

  sendAgain(key: string): void {
    this.#failed.delete(key);
    this.#client.retry(key);
  }

  discard(key: string): void {
    this.#client.discard(key);
  }

  /** Whatever waits for its turn is tried now. */
  nudge(): void {
    this.#client.nudge();
  }

  /** Where the log stands: the cursor of what was told last. */
  get cursor(): string {
    return this.#client.cursor ?? '';
  }

  /** Shows a page of the log before what is shown. */
  showEarlier(limit?: number): Promise<void> {
    return this.#earlier.show(limit);
  }

  #inside(name: string): void {
    this.#wasHeard = false;
    // Created again, nothing but the session is another.
    if (this.#name === name) return;
    this.#name = name;
    this.#view.room(name);
    this.#failed = new Set();
    for (const { key, state, problem } of this.#client.outbox) {
      if (state === 'failed') this.#failed.add(key);
      // What an ending kept from being sent is sent now that one is back.
      if (problem?.code === 'ended') this.sendAgain(key);
    }
  }

  #state(state: ClientState, detail: StateDetail): void {
    if (state === 'live' || state === 'polling') this.#wasHeard = true;
    if (state === 'ended') {
      if (this.#name !== undefined) this.#outside(this.#client.ending ?? {});
    } else if (this.#name !== undefined) this.#view.state(state, detail);
    else this.#view.loading(state === 'offline', detail.retryAt);
  }

  #outside(ending: Ending): void {
    this.#name = undefined;
    const text = stoppedText(ending);
    const name = this.#client.name;
    if (this.#isLeaving) this.#askName('');
    // It could not be created again: the user has to ask himself.
    else if (ending.action === 'create') this.#askAgain(ending);
    else if (ending.reason === 'superseded') {
      this.#view.stopped(text, strings.useHere, () => {
        this.#inside(name);
        void this.#client.resume();
      });
    } else this.#view.stopped(text, strings.joinAgain, () => void this.#joinAgain());
  }

  #askAgain(ending: Ending): void {
    if (ending.reason !== 'credentials-required') this.#askName(stoppedText(ending));
    // After a reload nobody knows the password any more; in a session never heard, it is the cookie that is not kept.
    else this.#askName(this.#wasHeard ? strings.joinOnceMore : strings.cookiesNeeded, this.#wasHeard);
  }

  async #joinAgain(): Promise<void> {
    const problem = await this.join(this.#keepsakes.name || undefined);
    if (problem === undefined) return;
    if (problem.code === 'credentials-required') this.#askName('', true);
    else this.#askName(textOf(problem));
  }

  #askName(notice: string, needsPassword = false): void {
    this.#view.join(this.#keepsakes.name, notice, needsPassword);
  }

  #gap(lost: number | null): void {
    this.#view.gap(lost);
    if (lost === null) this.#earlier.forget();
  }

  #outgoing(messages: readonly Outgoing[]): void {
    this.#view.outgoing(messages);
    for (const { key, text, state, problem } of messages) {
      if (state !== 'failed' || this.#failed.has(key)) continue;
      this.#failed.add(key);
      // The server will not have this text: it goes back to the user, if he is not writing something else.
      const isRefused = problem !== undefined && problem.status > 0;
      if (isRefused && this.#view.giveBack(text, textOf(problem))) this.#client.discard(key);
    }
  }
}

async function problemOf(wish: Promise<void>): Promise<Problem | undefined> {
  try {
    await wish;
    return undefined;
  } catch (error) {
    if (error instanceof ProblemError) return error.problem;
    throw error;
  }
}
