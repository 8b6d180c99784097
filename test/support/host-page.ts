/** A page of somebody else, on another site than the chat: what embeds a room, as a browser has it. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Page } from 'playwright-core';
import { waitUntil } from './wait-until.ts';

export interface HostPage {
  /** Of another site than `chatAddress`: browsers take what is before `.localhost` for a domain of its own. */
  readonly origin: string;
  /** What it answers with from now on. */
  html: string;
  /** Its Content-Security-Policy; none if empty. */
  policy: string;
  /** What it answers at addresses that are not its page, by their paths. */
  readonly answers: Map<string, () => string>;
}

/** @param onEnd takes what closes it, as `t.after` does */
export async function hostPage(onEnd: (close: () => void) => unknown, name = 'host'): Promise<HostPage> {
  const server = createServer(({ url = '' }, response) => {
    const answer = host.answers.get(url);
    if (answer !== undefined) {
      response.end(answer());
      return;
    }
    if (host.policy !== '') response.setHeader('content-security-policy', host.policy);
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(host.html);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onEnd(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  assert.ok(address && typeof address === 'object');
  const host: HostPage = {
    origin: `http://${name}.localhost:${address.port}`,
    html: '',
    policy: '',
    answers: new Map(),
  };
  return host;
}

/** The chat under a name of its own; browsers look nowhere else for names below `.localhost`. */
export function chatAddress(port: number): string {
  return `http://chat.localhost:${port}`;
}

/** Has the browser keep cookies from frames of other sites, as more and more do by themselves. */
export async function blockForeignCookies(page: Page): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Network.enable');
  const controls = {
    enableThirdPartyCookieRestriction: true,
    // The versions of the browser differ in whether these are asked for.
    disableThirdPartyCookieMetadata: true,
    disableThirdPartyCookieHeuristics: true,
  };
  await devtools.send('Network.setCookieControls', controls);
}

export interface EmbedEvent {
  readonly type: string;
  readonly detail: unknown;
}

/** Notes what `parlor-room` tells its page, from the beginning and over reloads. */
export async function noteEvents(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const told: unknown[] = [];
    Object.assign(globalThis, { told });
    for (const type of ['unread', 'joined', 'left', 'message', 'login']) {
      // The compiler knows no pages here.
      Reflect.get(globalThis, 'document').addEventListener(
        `parlor:${type}`,
        (event: { readonly detail: unknown }) => told.push({ type, detail: event.detail }),
      );
    }
  });
}

export async function eventsOn(page: Page): Promise<EmbedEvent[]> {
  return (await page.evaluate('told')) as EmbedEvent[];
}

/** The last one of a type, once there is one that is `isWanted`. */
export async function eventOn(
  page: Page,
  type: string,
  isWanted: (detail: Record<string, unknown>) => boolean = () => true,
): Promise<Record<string, unknown>> {
  let found: Record<string, unknown> | undefined;
  await waitUntil(async () => {
    const last = (await eventsOn(page)).filter((event) => event.type === type).at(-1);
    found = last && { ...Object(last.detail) };
    return found !== undefined && isWanted(found);
  }, `the page is told ${type}`);
  return found ?? {};
}
