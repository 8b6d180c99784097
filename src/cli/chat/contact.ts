/** The first contact with a server: is it there, is it a Parlor, and does it have the room? */

import { quote } from '../../core/quote.ts';
import { Failure } from '../failure.ts';
import type { Address } from './address.ts';
import { notLetIn, notReached } from './exit-codes.ts';
import { jsonOf, memberOf } from './json.ts';
import { safeLine } from './safe-text.ts';
import { troubleOf } from './trouble.ts';

/** A room that is there. */
export interface Place {
  /** The server's address, without a slash at the end. */
  readonly url: string;
  readonly room: string;
}

const answerTimeoutMs = 10_000;
const betweenTriesMs = 1000;

/**
 * Finds the room of an address.
 *
 * @param patienceMs how long to try again if the server cannot be reached
 * @throws Failure in one line that says what was expected and what came
 */
export async function findPlace(address: Address, patienceMs: number): Promise<Place> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      return await find(address);
    } catch (error) {
      const isPassing = error instanceof Failure && error.exitCode === notReached;
      if (!isPassing || performance.now() + betweenTriesMs > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, betweenTriesMs));
    }
  }
}

async function find({ url, room = '' }: Address): Promise<Place> {
  if (room === '') return frontRoom(url);
  const path = `/v1/rooms/${encodeURIComponent(room)}`;
  const response = await get(`${url}${path}`);
  const body = await jsonOf(response);
  // What a redirect would do to a POST is another thing: from here on the address is where it led.
  const there = response.url.endsWith(path) ? response.url.slice(0, -path.length) : url;
  if (response.ok && memberOf(body, 'name') === room) return { url: there, room };
  const code = memberOf(body, 'code');
  switch (code) {
    // Its rooms are for members only: this one is there.
    case 'credentials-required':
    case 'permission-denied':
      return { url: there, room };
    case 'room-not-found':
    case 'invalid-request':
      throw new Failure(`There is no room ${quote(room)} at ${there}${await others(there)}.`, notLetIn);
    case 'unavailable':
    case 'rate-limited':
      throw new Failure(`${there}: ${safeLine(String(memberOf(body, 'detail')))}`, notReached);
    default:
      throw noParlor(url, response);
  }
}

/** The room at `/`, as the guide for `curl` names it. */
async function frontRoom(url: string): Promise<Place> {
  const response = await get(`${url}/`);
  const [, room] = /^Parlor, room "([a-z0-9-]+)"/.exec(await response.text().catch(() => '')) ?? [];
  // An application that has Parlor in it has a page of its own there.
  const [first] = room === undefined ? await roomsOf(url) : [room];
  if (first === undefined) throw noParlor(url, response);
  const there =
    new URL(response.url).pathname === new URL(`${url}/`).pathname ? new URL(response.url).origin : '';
  return find({ url: there === '' ? url : there + new URL(url).pathname.replace(/\/$/, ''), room: first });
}

async function others(url: string): Promise<string> {
  const rooms = await roomsOf(url).catch(() => []);
  return rooms.length === 0 ? '' : `; rooms there: ${rooms.slice(0, 10).map(safeLine).join(', ')}`;
}

async function roomsOf(url: string): Promise<string[]> {
  const rooms = memberOf(await jsonOf(await get(`${url}/v1/rooms`)), 'rooms');
  return Array.isArray(rooms) ? rooms.map((room) => String(memberOf(room, 'name'))) : [];
}

async function get(url: string): Promise<Response> {
  const headers = { Accept: 'application/json, text/plain' };
  try {
    return await fetch(url, { headers, signal: AbortSignal.timeout(answerTimeoutMs) });
  } catch (error) {
    throw new Failure(`${new URL(url).origin} cannot be reached: ${troubleOf(error)}.`, notReached);
  }
}

function noParlor(url: string, { status, headers }: Response): Failure {
  const type = safeLine(headers.get('Content-Type') ?? 'nothing');
  return new Failure(
    `Expected a Parlor server at ${url}; got the answer ${status} with ${type}.`,
    notReached,
  );
}
