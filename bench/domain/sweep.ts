/**
 * Times the reaper's sweeps over sessions of which none expires: `sweep.js COUNT SWEEPS`, with the options of the environment.
 * The domain is put together as `plugin.ts` does it, and there is no HTTP. Sends its figures, in milliseconds, to its parent.
 */

import { configuredStore, historyOf } from '../../src/config/configured-store.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { ReaperTask } from '../../src/core/reaper-task.ts';
import { Restrictions } from '../../src/core/restrictions.ts';
import { Rooms } from '../../src/core/rooms.ts';
import { SessionRegistry } from '../../src/core/session-registry.ts';
import { skeleton } from '../../src/system/skeleton.ts';
import { systemClock as clock } from '../../src/system/system-clock.ts';
import { systemTokens } from '../../src/system/system-tokens.ts';

const [count, sweeps] = process.argv.slice(2).map(Number) as [number, number];
const perRoom = 2_000;
/** Asked for at once, and so committed together. */
const atOnce = 500;
// Between two sweeps the process does something else.
const pauseMs = 5;
// None of the sessions are idle for so long.
const timeoutMs = 3_600_000;

const config = loadConfig({ environment: process.env, directory: process.cwd(), warn: () => {} });
const faults: unknown[] = [];
const observer = { fault: (error: unknown) => faults.push(error) };
const { store, opened } = await configuredStore(config, { clock, observer });
await opened;
const rooms = new Rooms({
  names: '*',
  maxRooms: Number.POSITIVE_INFINITY,
  maxMembers: perRoom,
  history: historyOf(config),
  maxTotalBytes: config.historyTotalBytes,
  unloadAfterMs: timeoutMs,
  store,
  clock,
  observer,
});
const restrictions = new Restrictions({
  store,
  clock,
  tokens: systemTokens,
  skeleton,
  maxNameLength: 32,
  requireRoom: (name) => rooms.requireRoom(name),
  observer,
});
const registry = new SessionRegistry({
  restrictions,
  rooms,
  store,
  clock,
  tokens: systemTokens,
  skeleton,
  hooks: {},
  observer,
  limits: {
    maxSessions: count,
    maxNameLength: config.maxNameLength,
    maxMessageBytes: config.maxMessageBytes,
    maxStreams: config.maxStreamsPerSession,
    send: config.sendLimit,
    updates: config.updatesLimit,
    floodStrikes: config.floodStrikes,
    timeoutMs,
  },
});
await restrictions.open();
const reaper = new ReaperTask({
  registry,
  rooms,
  store,
  clock,
  observer,
  limits: [],
  intervalMs: config.reaperIntervalMs,
  timeoutMs,
});

for (let first = 0; first < count; first += atOnce) {
  const numbers = Array.from({ length: Math.min(atOnce, count - first) }, (_, index) => first + index);
  await Promise.all(numbers.map((number) => create(number)));
}

const times: number[] = [];
for (let sweep = 0; sweep < sweeps; sweep++) {
  await new Promise((resolve) => setTimeout(resolve, pauseMs));
  const startedAt = performance.now();
  await reaper.reap();
  times.push(performance.now() - startedAt);
}
if (faults.length > 0) throw faults[0];
if (registry.size !== count) throw new Error(`Expected ${count} sessions; ${registry.size} are left.`);
times.sort((a, b) => a - b);
process.send?.({ sweepP50: quantile(0.5), sweepP99: quantile(0.99), sweepMax: quantile(1) });

async function create(number: number): Promise<void> {
  await registry.create({
    room: `room-${Math.floor(number / perRoom)}`,
    name: `member ${number}`,
    user: null,
    delivery: 'pull',
    held: undefined,
    createKey: null,
    isAborted: () => false,
  });
}

function quantile(share: number): number {
  return times[Math.max(0, Math.ceil(times.length * share) - 1)] ?? Number.NaN;
}
