/** A room full of people who really talk, for the pictures of the operator's page. */

import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiClient } from '../test/support/api-client.ts';

const names = ['Ada', 'Grace', 'Bob', 'Cleo', 'Dana', 'ليلى', 'נועה', 'Emil', 'Fay', 'Gus', 'Hana', 'Ivo'];
const people = 96;
const rooms = ['lobby', 'lobby', 'tea'];
const sayings = [
  'Morning!',
  'Who has the slides?',
  'Soup it is.',
  'See you at one.',
  'Fixed, please reload.',
];
// Each says something about that often.
const silenceMs = 4_000;

/** What the server of the pictures has to allow. */
export const busyOptions = {
  ROOMS: 'lobby,tea',
  CREATE_LIMIT: 'off',
  READ_LIMIT: 'off',
  UPDATES_LIMIT: 'off',
  MAX_STREAMS_PER_IP: 'off',
  // Each comes from an address of his own.
  TRUST_PROXY: '127.0.0.1',
};

/**
 * Has people come in one after the other, and talk until they are stopped.
 * @returns what sends them away
 */
export async function populate(url: string): Promise<() => Promise<void>> {
  const leaving = new AbortController();
  // Everything that they wait for listens to it.
  setMaxListeners(0, leaving.signal);
  const busy: Promise<void>[] = [];
  for (let i = 0; i < people; i++) {
    busy.push(stay(url, i, leaving.signal).catch(() => {}));
    await delay(150);
  }
  return async () => {
    leaving.abort();
    await Promise.all(busy);
  };
}

async function stay(url: string, index: number, signal: AbortSignal): Promise<void> {
  const first = names[index % names.length] ?? 'Ada';
  const client = new ApiClient(url, rooms[index % rooms.length]);
  const address =
    index % 5 === 4 ? `2001:db8:85a3::${index.toString(16)}` : `203.0.113.${(index * 37) % 250}`;
  const from = { 'x-forwarded-for': address, 'content-type': 'application/json' };
  const delivery = index % 4 === 2 ? 'pull' : 'push';
  const name = index < names.length ? first : `${first} ${Math.floor(index / names.length) + 1}`;
  const created = await fetch(`${client.base}/session`, {
    method: 'POST',
    headers: from,
    body: JSON.stringify({ name, delivery, credential: 'bearer' }),
    signal,
  });
  const { token } = (await created.json()) as { token: string };
  const headers = { ...from, authorization: `Bearer ${token}` };
  const reading =
    delivery === 'push' ? listen(client.base, headers, signal) : poll(client.base, headers, signal);
  await Promise.all([reading, talk(client.base, headers, signal)]);
}

async function listen(base: string, headers: Record<string, string>, signal: AbortSignal): Promise<void> {
  const { body } = await fetch(`${base}/session/events`, { headers, signal });
  for await (const chunk of body ?? []) void chunk;
}

async function poll(base: string, headers: Record<string, string>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await (await fetch(`${base}/session/updates`, { headers, signal })).text();
    await delay(2_000, undefined, { signal });
  }
}

async function talk(base: string, headers: Record<string, string>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await delay(silenceMs * (0.5 + Math.random()), undefined, { signal });
    const message = sayings[Math.floor(Math.random() * sayings.length)];
    const body = JSON.stringify({ message });
    await (await fetch(`${base}/session/messages`, { method: 'POST', headers, body, signal })).text();
  }
}
