/** What a room full of hostile names and texts is tried with: a store that takes any name, and pages that tell what happens on them. */

import type { TestContext } from 'node:test';
import type { Browser, BrowserContext, Frame, Page } from 'playwright-core';
import type { SessionClaim } from '../../../src/core/store.ts';
import { MemoryStore } from '../../../src/stores/memory-store.ts';
import { payloads } from './payloads.ts';

/** Of `Member 7` the seventh; undefined of who is called otherwise. */
export function payloadOf(name: string): string | undefined {
  return payloads[Number(/^Member (\d+)$/.exec(name)?.[1])];
}

/** Gives `Member 7` the seventh payload for a name, and as what somebody vouched for. */
export class RenamingStore extends MemoryStore {
  override openSession(claim: SessionClaim, ...rest: [join: boolean, maxMembers: number]) {
    const payload = payloadOf(claim.name);
    if (payload === undefined) return super.openSession(claim, ...rest);
    const user = { id: payload, name: payload, claims: { [payload]: payload } };
    return super.openSession({ ...claim, name: payload, user }, ...rest);
  }
}

/** What went wrong on any page. */
export interface Seen {
  readonly dialogs: string[];
  readonly violations: string[];
  readonly executions: string[];
  readonly errors: string[];
}

export const none: Seen = { dialogs: [], violations: [], executions: [], errors: [] };

/** A person whose pages tell of every script of a payload, every dialog and every breach of a policy. */
export async function watched(
  t: TestContext,
  browser: Browser,
): Promise<{ context: BrowserContext; seen: Seen }> {
  const seen: Seen = { dialogs: [], violations: [], executions: [], errors: [] };
  const context = await browser.newContext();
  t.after(() => context.close());
  await context.exposeBinding('pwned', ({ frame }) => seen.executions.push(frame.url()));
  await context.exposeBinding('tellViolation', (_source, what: string) => seen.violations.push(what));
  await context.addInitScript(`addEventListener('securitypolicyviolation', (event) =>
    tellViolation(event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample), true)`);
  context.on('dialog', (dialog) => {
    seen.dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  context.on('weberror', (error) => seen.errors.push(String(error.error())));
  context.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) seen.violations.push(message.text());
  });
  return { context, seen };
}

/** What a document has, with all its open shadows: its text, and what no text may have made. */
export interface Content {
  readonly text: string;
  readonly made: string[];
  readonly links: number;
}

export async function contentOf(frame: Frame | Page): Promise<Content> {
  return (await frame.evaluate(`(() => {
    const made = [];
    let text = '';
    let links = 0;
    const own = new Set(['http:', 'https:', 'mailto:']);
    const look = (root) => {
      text += (root.documentElement ?? root).textContent;
      for (const element of root.querySelectorAll('*')) {
        const { attributes, localName, shadowRoot } = element;
        const names = [...attributes].map(({ name }) => name);
        if (names.some((name) => name === 'data-made' || /^on/.test(name)) || localName === 'x-made') made.push(element.outerHTML);
        for (const name of ['href', 'src', 'action', 'formaction', 'data', 'srcdoc', 'xlink:href']) {
          const value = element.getAttribute(name);
          if (value === null) continue;
          links++;
          // As a browser takes it; icons of the page itself may be data.
          const { protocol } = new URL(value, location.href);
          const isIcon = localName === 'link' && element.rel.includes('icon');
          if (name === 'srcdoc' || !(own.has(protocol) || (isIcon && protocol === 'data:'))) made.push(element.outerHTML);
        }
        if (shadowRoot) look(shadowRoot);
      }
    };
    look(document);
    return { text, made, links };
  })()`)) as Content;
}
