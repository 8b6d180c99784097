/** What `GET /v1/admin/stats` answers, of a server that does little. */

import type { Stats } from '../../../../src/web/admin/answers.ts';

export function statsOf(
  now: number,
  counters: Partial<Stats['counters']> = {},
  { startedAt = -1000, cpuMs = 0 }: { readonly startedAt?: number; readonly cpuMs?: number } = {},
): Stats {
  return {
    now,
    startedAt,
    version: '1.2.3',
    status: 'ready',
    sessions: { pull: 3, push: 4, reserved: 1 },
    rooms: 1,
    members: 7,
    streams: 4,
    polls: 2,
    counters: {
      messages: 0,
      events: 0,
      deliveries: 0,
      created: 0,
      ended: 0,
      refused: 0,
      gaps: 0,
      ...counters,
    },
    lag: { bytes: 0, events: 0 },
    store: { trouble: null },
    memory: { rss: 1e8, heapUsed: 5e7 },
    loopDelayMs: { mean: 1, p99: 2 },
    overload: null,
    cpu: { userMs: cpuMs, systemMs: 0 },
  };
}
