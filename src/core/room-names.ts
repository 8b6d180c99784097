/** What a room may be called: its name is also the first word of its page's address. */

import { ChatError } from './errors.ts';
import { quote } from './quote.ts';

/** 1–32 characters of `[a-z0-9]` and inner `-`. */
export const roomNamePattern = /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/;

/** First path words that the server uses itself, or that browsers, proxies and probes ask every server for. */
export const reservedRoomNames: ReadonlySet<string> = new Set([
  'v1',
  'v2',
  'v3',
  'admin',
  'api',
  'assets',
  'auth',
  'client',
  'docs',
  'embed',
  'favicon',
  'feed',
  'health',
  'healthz',
  'livez',
  'login',
  'logout',
  'manifest',
  'metrics',
  'openapi',
  'plain',
  'readyz',
  'robots',
  'static',
  'widget',
]);

/** The names of the rooms there are, or `*` for any. */
export type RoomNames = readonly string[] | '*';

/** Whether there is a room of this name among them, or may be. */
export function hasRoom(names: RoomNames, room: string): boolean {
  return names === '*' ? isRoomName(room) : names.includes(room);
}

/**
 * Asks whether there is a room of this name among them, or may be.
 * @throws ChatError `room-not-found`
 */
export function requireRoom(names: RoomNames, room: string): void {
  if (!hasRoom(names, room)) throw new ChatError('room-not-found', `There is no room ${quote(room)}.`);
}

/** Whether a room may have this name. */
export function isRoomName(text: string): boolean {
  return roomNamePattern.test(text) && !reservedRoomNames.has(text);
}
