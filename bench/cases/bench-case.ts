/** A case of the benchmark: one kind of load, and who is put under it. */

import type { Bench } from '../bench.ts';

export interface BenchCase {
  readonly name: string;
  /** What it loads, in a sentence. */
  readonly loads: string;
  /** The figures to show, in order; all of them are kept. */
  readonly shows: readonly string[];
  /** How to read them, in a sentence or two. */
  readonly reading: string;
  run(bench: Bench): Promise<void>;
}

/** The bytes of a message in all cases. */
export const messageBytes = 120;
export const room = 'lobby';

const names = [room, ...Array.from({ length: 9 }, (_, index) => `room-${index + 2}`)];
const members = 2_000;

/** For more members than a room is meant to hold. */
export const manyRooms = {
  members,
  /** Rooms for so many. */
  take: (count: number): readonly string[] => names.slice(0, Math.ceil(count / members)),
  /** What a room keeps of joins is neither a session's nor a stream's, and is bounded: here, by little. */
  env: { ROOMS: names.join(','), MAX_MEMBERS: String(members + 1), HISTORY_EVENTS: '100' },
} as const;
