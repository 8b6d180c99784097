/** The page with a long log in a real browser: how long it takes to fill, and how smoothly it scrolls. */

import type { Browser, CDPSession, Page } from 'playwright-core';
import { ApiClient } from '../../test/support/api-client.ts';
import { launchBrowser } from '../../test/support/browser.ts';
import { parlor } from '../systems/parlor.ts';
import type { BenchCase } from './bench-case.ts';

/** With the joins of those who say them, as many events as a room keeps. */
const messages = 9_990;
const writers = ['Ada', 'Bob', 'Mary Ann', 'نورا'];
const slowdowns = [1, 4];
const fillMs = 120_000;

/** What people write: short and long, links, lines, from right to left. */
const texts = [
  'ok',
  'I shall be there at eight, if the train is on time for once.',
  'See https://example.org/a/rather/long/path?with=a&query=too#and-more (and the page after it).',
  'مرحبا بالجميع، كيف حالكم اليوم؟ https://example.org/path',
  `A longer thought: ${'it goes on and on, and wraps in every window. '.repeat(8)}`,
  'one line\nand another\n\nand a third after a pause',
  '/me waves',
];

export const pageLongLog: BenchCase = {
  name: 'page-long-log',
  loads: `the page with ${messages.toLocaleString('en')} messages, loaded back to the first one and scrolled through`,
  shows: ['fillMs', 'wheelP95', 'wheelMax', 'keysP95', 'keysMax', 'heapMb'],
  reading:
    'Filled means that the page was opened at the address of the oldest message, has loaded all that came after it, and shows it. The others are times between frames while the log is scrolled to its end by wheel and by the key Page Down; a display shows one every 16.7 ms. Nothing is drawn by a graphics card here, and server and browser share the machine.',
  async run(bench) {
    const { built, sizes } = bench;
    const browser = await launchBrowser();
    try {
      const running = await parlor.start(built);
      try {
        const url = `http://${running.wire.host}:${running.wire.port}`;
        const oldest = await talk(url, sizes.scaled(messages));
        const steps = sizes.scaled(400);
        for (let repeat = 1; repeat <= sizes.repeats; repeat++) {
          for (const slowdown of slowdowns) {
            const form = slowdown === 1 ? 'this machine' : `a processor ${slowdown} times slower`;
            const visitor = await ApiClient.joinWithCookie(url, `Visitor ${repeat} ${slowdown}`);
            const cookie = visitor.cookie ?? '';
            bench.note(
              form,
              repeat,
              await longLog(browser, `${url}/lobby#${oldest}`, cookie, slowdown, steps),
            );
            await visitor.destroy();
          }
        }
      } finally {
        await running.stop();
      }
    } finally {
      await browser.close();
    }
  },
};

/** Fills a room; gives the cursor of its first message. */
async function talk(url: string, count: number): Promise<string> {
  const members: (ApiClient & { cursor: string })[] = [];
  for (const name of writers) members.push(await ApiClient.join(url, name));
  const [first] = members;
  if (first === undefined) throw new Error('Nobody is there.');
  const { body } = await first.send('the first message');
  let said = 1;
  // Each says a few things in a row, as people do.
  const speak = async (member: ApiClient) => {
    while (said < count) {
      said += 1;
      await member.send(texts[said % texts.length] ?? '');
    }
  };
  await Promise.all(members.map(speak));
  return `${first.cursor.slice(0, first.cursor.lastIndexOf('-'))}-${body.id}`;
}

async function longLog(browser: Browser, url: string, cookie: string, slowdown: number, steps: number) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    const [name = '', value = ''] = cookie.split('=');
    await context.addCookies([{ name, value, url }]);
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
    await page.goto(url, { waitUntil: 'commit' });
    await page.locator('.linked').waitFor({ timeout: fillMs });
    const fill = await page.evaluate<number>('performance.now()');
    await page.mouse.move(500, 400);
    const wheel = await framesWhile(page, steps, () => page.mouse.wheel(0, 500));
    await page.locator('.scroller').focus();
    await page.evaluate(`document.querySelector('.scroller').scrollTop = 0`);
    const keys = await framesWhile(page, Math.ceil(steps / 4), () => page.keyboard.press('PageDown'));
    return {
      fillMs: fill,
      wheelP95: wheel.p95,
      wheelMax: wheel.max,
      keysP95: keys.p95,
      keysMax: keys.max,
      heapMb: await heapMb(devtools),
    };
  } finally {
    await context.close();
  }
}

/** The milliseconds between frames while something is done `times` times. */
async function framesWhile(page: Page, times: number, act: () => Promise<void>) {
  // As text: it is compiled in the page, which has none of the compiler's helpers.
  await page.evaluate(`{
    const frames = (window.frames_ = []);
    let last = performance.now();
    requestAnimationFrame(function next(now) {
      frames.push(now - last);
      last = now;
      if (window.frames_ === frames) requestAnimationFrame(next);
    });
  }`);
  for (let i = 0; i < times; i++) await act();
  const frames = await page.evaluate<number[]>(`{
    const frames = window.frames_.slice(1);
    window.frames_ = undefined;
    frames;
  }`);
  frames.sort((a, b) => a - b);
  return { p95: frames[Math.floor(frames.length * 0.95)] ?? 0, max: frames.at(-1) ?? 0 };
}

async function heapMb(devtools: CDPSession): Promise<number> {
  await devtools.send('HeapProfiler.collectGarbage');
  const { usedSize } = await devtools.send('Runtime.getHeapUsage');
  return usedSize / 1e6;
}
