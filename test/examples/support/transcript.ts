/** The judge: what an example must have shown of a room, by the room's log. */

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { ApiClient, type WireEvent } from '../../support/api-client.ts';

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

/** What somebody must have seen from his first join on, his own last leave aside. */
export async function transcript(url: string, name: string): Promise<string[]> {
  const events = await logOf(url);
  const from = events.findIndex((event) => event.type === 'join' && event.name === name);
  const seen = events.slice(from);
  const last = seen.at(-1);
  if (last?.type === 'leave' && last.name === name) seen.pop();
  return seen.flatMap((event) => lineOf(event).split('\n'));
}

/** Joins, and leaves after the test. */
export async function visitor(t: TestContext, url: string, name: string): Promise<ApiClient> {
  const member = await ApiClient.join(url, name);
  t.after(() => member.destroy().catch(() => {}));
  return member;
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
