/** The page of the operator in a real browser, as an operator uses it. */

import type { TestContext } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import type { AdminRoom, AdminSession, Ban, Stats } from '../../src/web/admin/answers.ts';
import { openPage } from './chat-page.ts';

export const adminToken = 'a-secret-of-enough-characters';

/** At its door. */
export function openDoor(t: TestContext, browser: Browser, url: string, part = ''): Promise<Page> {
  return openPage(t, browser, `${url}/admin${part}`);
}

export async function giveToken(page: Page, token = adminToken): Promise<void> {
  await page.getByLabel('Token', { exact: true }).fill(token);
  await page.getByRole('button', { name: 'Open', exact: true }).click();
}

/** Goes in. */
export async function openDesk(t: TestContext, browser: Browser, url: string, part = ''): Promise<Page> {
  const page = await openDoor(t, browser, url, part);
  await giveToken(page);
  await page.getByRole('navigation', { name: 'Parts of the administration' }).waitFor();
  return page;
}

export async function goTo(page: Page, part: 'Overview' | 'Sessions' | 'Rooms' | 'Bans'): Promise<void> {
  const link = page.getByRole('link', { name: part });
  await link.click();
  await link.and(page.locator('[aria-current=page]')).waitFor();
}

/** The row of a table that begins with this. */
export function rowOf(page: Page, head: string): Locator {
  return page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: head, exact: true }) });
}

/** The part of the page that is seen. */
export function partOf(page: Page): Locator {
  return page.locator('main > section:not([hidden])');
}

/** What the rows of the table begin with, from above. */
export function headsOf(page: Page): Promise<string[]> {
  return partOf(page).locator('tbody th').allTextContents();
}

/** Has the server answer with other figures: those of a server that is busy, say. */
export async function answerStats(page: Page, next: () => Stats): Promise<void> {
  await page.route('**/v1/admin/stats', (route) => route.fulfill({ json: next() }));
}

/** Has the server answer with other sessions, page by page as it does. */
export async function answerSessions(page: Page, all: readonly AdminSession[]): Promise<void> {
  await page.route('**/v1/admin/sessions?*', (route) => {
    const { searchParams } = new URL(route.request().url());
    const [offset, limit] = ['offset', 'limit'].map((name) => Number(searchParams.get(name)));
    const sessions = all.slice(offset, (offset ?? 0) + (limit ?? 0));
    return route.fulfill({ json: { sessions, total: all.length } });
  });
}

/** Sessions as there may be on a large server. */
export function manySessions(count: number, now: number): AdminSession[] {
  return Array.from({ length: count }, (_, i) => ({
    sessionId: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
    user: i % 3 === 0 ? { id: `user-${i}`, name: `Guest ${i}` } : null,
    name: `Guest ${i}`,
    room: ['lobby', 'tea', 'operations'][i % 3] ?? 'lobby',
    delivery: i % 2 === 0 ? 'push' : 'pull',
    state: 'joined',
    address: `203.0.113.${i % 250}`,
    createdAt: now - i * 1000,
    lastInbound: now - (i % 60) * 1000,
    lastOutbound: now - (i % 15) * 1000,
    streams: i % 2,
    lag: { bytes: i === 7 ? 123_456 : 0, events: i === 7 ? 42 : 0 },
  }));
}

/** Rooms and bans as there may be, for what is looked at and not done. */
export async function answerRoomsAndBans(page: Page): Promise<void> {
  const now = Date.now();
  const room = { members: 87, streams: 40, sessions: 90, events: 9941, bytes: 2_400_000, closed: null };
  const rooms: AdminRoom[] = [
    { ...room, name: 'lobby' },
    { ...room, name: 'tea', closed: { since: now - 3_600_000, reason: 'The furniture is being moved.' } },
  ];
  const bans: Ban[] = [
    {
      id: 'b1',
      kind: 'name',
      value: 'Mallory',
      room: null,
      reason: 'Shouts',
      createdAt: now - 900_000,
      until: now + 2_700_000,
    },
    {
      id: 'b2',
      kind: 'address',
      value: '198.51.100.0/24',
      room: 'tea',
      reason: null,
      createdAt: now - 90_000_000,
      until: null,
    },
  ];
  await page.route('**/v1/admin/rooms', (route) => route.fulfill({ json: { rooms } }));
  await page.route('**/v1/admin/bans?*', (route) => route.fulfill({ json: { bans, total: bans.length } }));
}
