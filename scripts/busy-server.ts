/** A busy server's figures and guests, for the pictures of the operator's page: the same each time. */

import type { Page } from 'playwright-core';
import type { AdminSession, Stats } from '../src/web/admin/answers.ts';
import {
  adminToken,
  answerRoomsAndBans,
  answerSessions,
  answerStats,
  giveToken,
  goTo,
  partOf,
} from '../test/support/operator-page.ts';

const everyMs = 2000;
const looks = 300;
const guests = [
  'Ada',
  'Grace',
  'Bob',
  'Linus',
  'ليلى',
  'נועה',
  'Barbara',
  'Margaret',
  'Ken',
  'Edsger',
  'Frances',
  'Tim',
];

/** Ten minutes of it, seen by an operator. */
export async function operate(page: Page, now: number, part: Parameters<typeof goTo>[1]): Promise<void> {
  let look = 0;
  await page.clock.install({ time: now - looks * everyMs });
  await page.reload();
  await answerStats(page, () => statsAt(look++, now));
  await answerSessions(page, guestsAt(now));
  await answerRoomsAndBans(page);
  await giveToken(page, adminToken);
  await page.locator('canvas').nth(5).waitFor();
  while (look < looks) {
    const answered = page.waitForResponse('**/v1/admin/stats');
    await page.clock.runFor(everyMs);
    await answered;
  }
  await goTo(page, part);
  if (part !== 'Overview') await partOf(page).getByRole('rowheader').first().waitFor();
}

function statsAt(look: number, end: number): Stats {
  const wave = (period: number, height: number) => height * Math.sin(look / period);
  const members = Math.round(420 + look * 0.35 + wave(19, 22) + wave(5, 6));
  // What rises faster by day than by night, and never falls.
  const messages = Math.round(look * 24 + wave(23, 130) + wave(6, 18));
  const deliveries = Math.round(messages * 310 + wave(31, 40_000));
  const isStalled = look > 170 && look < 188;
  return {
    now: end - (looks - look) * everyMs,
    startedAt: end - 93_600_000,
    version: '0.2.0',
    status: 'ready',
    sessions: { pull: Math.round(members * 0.3), push: Math.round(members * 0.72), reserved: 4 },
    rooms: 3,
    members,
    streams: Math.round(members * 0.8),
    polls: 96,
    counters: {
      messages: 184_000 + messages,
      events: 201_000 + messages,
      deliveries: 57_400_000 + deliveries,
      created: 9120,
      ended: 8641,
      refused: 312,
      gaps: 9,
    },
    lag: { bytes: isStalled ? 90_000 + wave(2, 40_000) : 2600 + wave(3, 1900), events: isStalled ? 210 : 3 },
    memory: { rss: 141e6 + wave(40, 6e6), heapUsed: 46e6 + (look % 24) * 9e5 },
    loopDelayMs: { mean: 1.1, p99: 4.2 + wave(9, 1) },
    cpu: { userMs: look * 520 + wave(17, 900), systemMs: look * 190 },
  };
}

function guestsAt(now: number): AdminSession[] {
  return Array.from({ length: 486 }, (_, i) => {
    const name = guests[i % guests.length] ?? 'Ada';
    const isStalled = i === 3;
    return {
      sessionId: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
      user: i % 4 === 1 ? { id: `staff/${name.toLowerCase()}`, name } : null,
      name: i < guests.length ? name : `${name} ${i}`,
      room: ['lobby', 'lobby', 'tea'][i % 3] ?? 'lobby',
      delivery: i % 4 === 2 ? 'pull' : 'push',
      state: 'joined',
      address: i % 5 === 4 ? `2001:db8:85a3::${i.toString(16)}` : `203.0.113.${(i * 37) % 250}`,
      createdAt: now - 23_000 - i * 97_000,
      lastInbound: now - ((i * 7) % 58) * 1000,
      lastOutbound: now - ((i * 3) % 14) * 1000,
      streams: i % 4 === 2 ? 0 : 1 + Number(i % 9 === 0),
      lag: isStalled ? { bytes: 131_072, events: 207 } : { bytes: 0, events: 0 },
    };
  });
}
