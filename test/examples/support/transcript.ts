/** The judge: what an example must have shown of a room, by the room's log. */

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { ApiClient, type WireEvent } from '../../support/api-client.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { lookMs, patienceMs } from './typist.ts';

/** All that the room keeps. */
export async function logOf(url: string): Promise<WireEvent[]> {
  const { status, body } = await new ApiClient(url).history('?limit=1000');
  assert.equal(status, 200);
  assert.equal(body.more, false);
  return body.events;
}

/** An event as the examples for the terminal show it. */
export function lineOf({ type, name, message = '' }: WireEvent): string {
  if (type === 'message') return `<${name}> ${message.replaceAll('\n', '\n  ')}`;
  return `* ${name} has ${type === 'join' ? 'joined' : 'left'}.`;
}

/** What somebody must have seen: from his first join on, and to his leave if he has not come again. */
export async function transcript(url: string, name: string): Promise<string[]> {
  const events = await logOf(url);
  const isOwn = (type: string) => (event: WireEvent) => event.type === type && event.name === name;
  const left = events.findLastIndex(isOwn('leave'));
  const isGone = left > events.findLastIndex(isOwn('join'));
  const seen = events.slice(events.findIndex(isOwn('join')), isGone ? left : undefined);
  return seen.flatMap((event) => lineOf(event).split('\n'));
}

/** Joins, and leaves after the test. */
export async function visitor(t: TestContext, url: string, name: string): Promise<ApiClient> {
  const member = await ApiClient.join(url, name);
  t.after(() => member.destroy().catch(() => {}));
  return member;
}

/** Waits until somebody who does not move any more is taken for gone; `staying` moves. */
export async function expired(url: string, name: string, staying?: ApiClient): Promise<void> {
  const isGone = async () => {
    await staying?.ping();
    return !(await rosterOf(url)).has(name);
  };
  await waitUntil(isGone, `${name} has expired`, patienceMs, lookMs);
}

/** Waits until something is said, whoever knows of it. */
export async function isSaid(url: string, text: string): Promise<void> {
  const isThere = async () => (await logOf(url)).some(({ message }) => message === text);
  await waitUntil(isThere, `"${text}" is said`, patienceMs, lookMs);
}

/** Who is in the room. */
export async function rosterOf(url: string): Promise<Set<string>> {
  const names = new Set<string>();
  for (const { type, name } of await logOf(url)) {
    if (type === 'join') names.add(name);
    if (type === 'leave') names.delete(name);
  }
  return names;
}
