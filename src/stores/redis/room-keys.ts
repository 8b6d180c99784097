/** How what Parlor keeps in Redis is called. A room's name stands in braces, so that all of it lies on one shard of a cluster. */

import { roomKeys } from './script/room-script.ts';

export interface RoomKeys {
  /** In the order that the script wants. */
  readonly all: readonly string[];
  readonly log: string;
  readonly redacted: string;
  readonly endings: string;
  /** Where the room's publications go. */
  readonly channel: string;
}

export function keysOf(prefix: string, room: string): RoomKeys {
  const key = (name: string): string => `${prefix}:{${room}}:${name}`;
  return {
    all: [...roomKeys.map(key), originKey(prefix)],
    log: key('log'),
    redacted: key('redacted'),
    endings: key('endings'),
    channel: key('channel'),
  };
}

/** The rooms that hold anything, by when an instance last used them. */
export function indexKey(prefix: string): string {
  return `${prefix}:rooms`;
}

/**
 * Whether rooms that come into being are new to everybody: `fresh` while Redis has lost nothing since the first instance came,
 * `lost` once it has. It goes with the rest.
 */
export function originKey(prefix: string): string {
  return `${prefix}:origin`;
}

/** Written to find out whether Redis takes writes. */
export function probeKey(prefix: string): string {
  return `${prefix}:probe`;
}

/** The bans and closed rooms. No room has a colon in its name. */
export function restrictionKeys(prefix: string): {
  readonly keys: readonly string[];
  readonly channel: string;
} {
  const key = (name: string): string => `${prefix}:{:restrictions}:${name}`;
  return { keys: [key('book'), key('ends'), key('meta')], channel: key('channel') };
}
