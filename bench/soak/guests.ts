/**
 * Who comes and goes while a room is soaked: each does one thing from its beginning to its end, and throws where the server
 * does not do as it should.
 */

import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { SenderNotes } from '../../test/fault/support/client-notes.ts';
import { readStream, type StreamFrame } from '../../test/fault/support/event-stream.ts';
import { call } from '../../test/fault/support/http-call.ts';
import type { Member } from '../../test/fault/support/member.ts';
import { Patience } from '../../test/fault/support/patience.ts';
import type { SeededRandom } from '../../test/fault/support/seeded-random.ts';
import { Sender } from '../../test/fault/support/sender.ts';
import { StalledReader } from '../../test/fault/support/stalled-reader.ts';
import { hmac } from '../../test/support/tokens.ts';
import { UnexpectedPage, visitByForms } from './form-visit.ts';
import { Refused } from './pace.ts';

/** Longer than SLOW_CLIENT_SECONDS. */
const stallMs = 4_000;
const users = 3;
export const operatorToken = 'whoever-runs-the-soak-of-this-server';
/** What the hall keeps is more than the kernel takes for a connection that is not read, some 4 MB. */
export const hall = { historyBytes: 8 * 1024 * 1024, messageBytes: 60_000, messagesAtOnce: 5 };

const saidAtOnce = 20;
/** Nobody comes under the same name later. */
const firstRehearsed = 1_000_000;
const asksOfPassers = 8;

export class Guests {
  /** What visitors of the lobby have said, for the judge. */
  readonly said: SenderNotes[] = [];
  readonly #bases: (room?: string) => readonly [string, ...string[]];
  readonly #sideRooms: number;
  readonly #random: SeededRandom;
  readonly #patience: Patience;
  /** Of each user: the last login, which settles once it has a stream. */
  readonly #logins = new Map<number, Promise<void>>();

  /**
   * @param bases where a room is found, on each instance
   * @param sideRooms how many rooms there are that few come to
   */
  constructor(
    bases: (room?: string) => readonly [string, ...string[]],
    sideRooms: number,
    random: SeededRandom,
  ) {
    this.#bases = bases;
    this.#sideRooms = sideRooms;
    this.#random = random;
    this.#patience = new Patience(random.fork());
    setMaxListeners(0, this.#patience.signal);
  }

  /** Fills the hall with as much as it keeps. */
  async fillHall(): Promise<void> {
    const times = Math.ceil(hall.historyBytes / hall.messageBytes / hall.messagesAtOnce);
    for (let number = 0; number < times; number++) await this.#proclaim(`first ${number}`);
  }

  /** Fills the lobby with `events` of one who leaves again: none of those who were there before is known to its log. */
  async fillLobby(events: number): Promise<void> {
    await this.#fill('lobby', events);
  }

  /** The same of each of the rooms that few come to: they would fill up for hours. */
  async fillSideRooms(events: number): Promise<void> {
    for (let number = 0; number < this.#sideRooms; number++) await this.#fill(`side-${number}`, events);
  }

  async #fill(room: string, events: number): Promise<void> {
    const member = await this.#join(this.#bases(room)[0], 'herald', 'pull');
    const say = () => this.#ask(member, 'POST', '/session/messages', 201, { message: 'Hear ye!' });
    for (let left = events; left > 0; left -= saidAtOnce) {
      await Promise.all(Array.from({ length: Math.min(left, saidAtOnce) }, say));
    }
    await this.#ask(member, 'DELETE', '/session', 204);
  }

  /** Everybody comes a few times, and goes: what the server makes when it is first needed is there then. */
  async rehearse(): Promise<void> {
    const times = (count: number, act: (number: number) => Promise<void>) =>
      Array.from({ length: count }, (_, index) => act.call(this, firstRehearsed + index));
    const logins = times(2 * users, this.takeOver);
    await Promise.all([
      ...times(8, this.visit),
      ...times(this.#sideRooms, this.visitSideRoom),
      ...times(2, this.useForms),
      ...times(4, this.operate),
      ...times(2, this.stall),
      ...times(2 * asksOfPassers, this.passBy),
      ...logins.slice(0, users),
    ]);
    this.stop();
    await Promise.all(logins);
  }

  /** Joins, listens for a while, says something twice with one key, and leaves, or vanishes. */
  async visit(number: number): Promise<void> {
    const random = this.#random;
    const base = random.pick(this.#bases());
    const isPush = random.isLikely(0.5);
    const member = await this.#join(base, `visitor ${number}`, isPush ? 'push' : 'pull');
    if (isPush) await this.#listen(member);
    else await this.#poll(member);
    const sender = new Sender({ member, thinkMs: 0, repeatShare: 0.5, random: random.fork() });
    this.said.push(sender.notes);
    await sender.sayOne();
    await sender.stop();
    if (random.isLikely(0.7)) await this.#ask(member, 'DELETE', '/session', 204);
  }

  /** Visits a room that nobody else is in, which is loaded for it and unloaded afterwards. */
  async visitSideRoom(number: number): Promise<void> {
    const [base] = this.#bases(`side-${number % this.#sideRooms}`);
    const member = await this.#join(base, `visitor ${number}`, 'pull');
    await this.#ask(member, 'POST', '/session/messages', 201, { message: 'Is anybody here?' });
    await this.#ask(member, 'DELETE', '/session', 204);
  }

  /** A visit of a room of few, without scripts. */
  async useForms(number: number): Promise<void> {
    const { origin } = new URL(this.#bases()[0]);
    const url = `${origin}/plain/side-${number % this.#sideRooms}`;
    await visitByForms(url, `visitor ${number} without scripts`).catch((error) => {
      throw error instanceof UnexpectedPage && error.status === 503 ? new Refused() : error;
    });
  }

  /** An operator announces something, takes back what somebody says, and shows him out, or bans him for a while. */
  async operate(number: number): Promise<void> {
    const room = `side-${number % this.#sideRooms}`;
    const [base] = this.#bases(room);
    const admin = base.replace(/\/rooms\/.*/, '/admin');
    const headers = { authorization: `Bearer ${operatorToken}` };
    const culprit = await this.#join(base, `culprit ${number}`, 'pull');
    const said = await this.#ask(culprit, 'POST', '/session/messages', 201, { message: 'Never said.' });
    const { id } = said as { id: number };
    const ask = (method: string, path: string, status: number | readonly number[], body?: unknown) =>
      this.#expect(status, method, `${admin}${path}`, body, headers);
    await ask('POST', `/rooms/${room}/announcements`, 201, { message: 'Be kind.' });
    await ask('DELETE', `/rooms/${room}/messages/${id}`, 200);
    // It may have timed out on a machine that is late.
    if (number % 2 === 0) await ask('DELETE', `/sessions/${culprit.sessionId}`, [204, 404]);
    else {
      const ban = await ask('POST', '/bans', 201, { kind: 'name', value: culprit.name, room });
      await ask('DELETE', `/bans/${(ban as { id: string }).id}`, 204);
    }
    await this.#ask(culprit, 'GET', '/session/updates', 410);
    for (const list of ['sessions', 'rooms', 'stats', 'bans']) await ask('GET', `/${list}`, 200);
  }

  /** Asks for all that the hall has, as a member or by the feed, and reads nothing of it. */
  async stall(number: number): Promise<void> {
    const base = this.#random.pick(this.#bases('hall'));
    // Joins and leaves push out what is large.
    await this.#proclaim(`${number}`);
    let reader: StalledReader;
    if (number % 2 === 0) reader = await StalledReader.open(`${base}/feed?after=0`);
    else {
      const { token } = await this.#join(base, `sleeper ${number}`, 'push');
      const headers = { authorization: `Bearer ${token}` };
      reader = await StalledReader.open(`${base}/session/events?after=0`, headers);
    }
    await delay(stallMs);
    reader.close();
  }

  /** One of a few users logs in; whoever did so before is told that he is taken over. */
  async takeOver(number: number): Promise<void> {
    const user = number % users;
    const bases = this.#bases();
    const base = this.#random.pick(bases);
    const exp = Math.floor(Date.now() / 1000) + 3600;
    const jwt = hmac({ alg: 'HS256' }, { sub: `user-${user}`, exp, preferred_username: `user ${user}` });
    // One login after the other: who is taken over before he has a stream is not told by it.
    const before = this.#logins.get(user);
    const reasons: string[] = [];
    let isOpen = () => {};
    const opened = new Promise<void>((resolve) => {
      isOpen = resolve;
    });
    this.#logins.set(user, opened);
    await before;
    try {
      const answer = await request(
        'POST',
        `${base}/session`,
        { authorization: `Bearer ${jwt}` },
        { credential: 'bearer' },
      );
      if (answer.status !== 201) throw unexpected(answer.status, 'a login');
      const { token } = answer.body as Member;
      await this.#read(this.#random.pick(bases), token, {}, ({ type, data }) => {
        if (type === 'bye') reasons.push(JSON.parse(data).reason);
        isOpen();
        return true;
      });
    } finally {
      isOpen();
    }
    if (this.#patience.isOver || reasons.join() === 'taken-over') return;
    throw new Error(`a login was told that it ends as: ${reasons.join() || 'nothing'}`);
  }

  /** Somebody who is no member: reads this or that, asks for what is not there, or says what is no request. */
  async passBy(number: number): Promise<void> {
    const base = this.#random.pick(this.#bases());
    const { origin } = new URL(base);
    const asks: readonly (() => Promise<unknown>)[] = [
      () => this.#expect(200, 'GET', `${base}/history?limit=50`),
      () => this.#expect(200, 'GET', `${base}`),
      () => this.#expect(200, 'GET', `${origin}/`),
      () => this.#expect(200, 'GET', `${origin}/openapi.json`),
      () => this.#expect(404, 'GET', `${origin}/v1/nothing`),
      () => this.#expect(401, 'GET', `${base}/session/updates`),
      () => this.#expect(422, 'POST', `${base}/session`, { name: ' ' }),
      () => this.#readFeed(base),
    ];
    await asks[number % asksOfPassers]?.();
  }

  /** Streams end that nobody ends. */
  stop(): void {
    this.#patience.end();
  }

  /** Asks once: whoever is not let in goes away. */
  async #join(base: string, name: string, delivery: 'pull' | 'push'): Promise<Member> {
    const headers = { 'idempotency-key': randomUUID() };
    const answer = await request('POST', `${base}/session`, headers, {
      name,
      delivery,
      credential: 'bearer',
    });
    if (answer.status !== 201) throw unexpected(answer.status, `a join of ${name}`, answer.body);
    return { ...(answer.body as Member), name, base };
  }

  async #proclaim(name: string): Promise<void> {
    const member = await this.#join(this.#bases('hall')[0], `herald ${name}`, 'pull');
    const message = 'x'.repeat(hall.messageBytes);
    for (let count = 0; count < hall.messagesAtOnce; count++) {
      await this.#ask(member, 'POST', '/session/messages', 201, { message });
    }
    await this.#ask(member, 'DELETE', '/session', 204);
  }

  /** A stream that breaks off once it has told of his own join, and is resumed by `Last-Event-ID`. */
  async #listen({ base, name, token, cursor }: Member): Promise<void> {
    let last = cursor;
    let isIn = false;
    await this.#read(base, token, { 'last-event-id': last }, ({ type, id, data }) => {
      last = id ?? last;
      isIn = type === 'join' && JSON.parse(data).name === name;
      return !isIn;
    });
    // The stream ended before, as while the store is away.
    if (!isIn) throw new Refused();
    let left = this.#random.between(1, 10);
    await this.#read(base, token, { 'last-event-id': last }, () => --left > 0);
  }

  /** Two polls, and a third that is hung up on while it waits. */
  async #poll({ base, token, cursor }: Member): Promise<void> {
    const headers = { authorization: `Bearer ${token}` };
    let after = cursor;
    for (let times = 0; times < 2; times++) {
      const answer = await request('GET', `${base}/session/updates?after=${after}&wait=1`, headers);
      if (answer.status !== 200) throw unexpected(answer.status, 'a poll');
      after = (answer.body as { cursor: string }).cursor;
    }
    const signal = AbortSignal.timeout(this.#random.between(1, 100));
    await request('GET', `${base}/session/updates?after=${after}&wait=5`, headers, undefined, signal).catch(
      () => {},
    );
  }

  async #readFeed(base: string): Promise<void> {
    let left = this.#random.between(1, 5);
    await this.#read(base, undefined, {}, () => --left > 0);
  }

  /** @param token of the session whose stream it is; the feed without one */
  async #read(
    base: string,
    token: string | undefined,
    headers: Readonly<Record<string, string>>,
    frame: (frame: StreamFrame) => boolean,
  ): Promise<void> {
    const url = token === undefined ? `${base}/feed` : `${base}/session/events`;
    const all = { ...headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) };
    const outcome = await readStream(url, all, this.#patience.signal, { frame, retry: () => {} }).catch(
      (error) => {
        if (!this.#patience.isOver) throw error;
      },
    );
    if (outcome && outcome.status !== 200) throw unexpected(outcome.status, 'a stream');
  }

  async #ask(
    { base, token }: Member,
    method: string,
    path: string,
    status: number,
    body?: unknown,
  ): Promise<unknown> {
    return this.#expect(status, method, `${base}${path}`, body, { authorization: `Bearer ${token}` });
  }

  async #expect(
    status: number | readonly number[],
    method: string,
    url: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<unknown> {
    const answer = await request(method, url, headers, body);
    if ([status].flat().includes(answer.status)) return answer.body;
    throw unexpected(answer.status, `${method} ${url}`, answer.body);
  }
}

/** What a busy server may say: it is no fault, and nothing comes of what was wanted. */
function unexpected(status: number, what: string, body?: unknown): Error {
  return status === 503
    ? new Refused()
    : new Error(`${what} was answered ${status} ${JSON.stringify(body) ?? ''}`);
}

/** Over a connection of its own, which is closed afterwards. */
async function request(
  method: string,
  url: string,
  headers: Readonly<Record<string, string>> = {},
  body?: unknown,
  signal = new AbortController().signal,
) {
  const agent = new http.Agent();
  try {
    return await call({ method, url, headers, body, agent, signal });
  } finally {
    agent.destroy();
  }
}
