/** The page in a real browser on a slow machine: what it loads, and when one can use it. */

import type { Browser, Page } from 'playwright-core';
import { ApiClient } from '../../test/support/api-client.ts';
import { launchBrowser } from '../../test/support/browser.ts';
import { parlor } from '../systems/parlor.ts';
import type { BenchCase } from './bench-case.ts';

/** As many times slower than this machine. */
const slowdown = 4;
const history = 100;
/** Until then everything has been loaded. */
const restMs = 5000;

/** Who opens the page, and what he must find there to go on. */
const visitors = [
  { form: 'a newcomer', isMember: false, needs: '#name' },
  { form: 'a member, with 100 messages', isMember: true, needs: '#message' },
];

export const pageFirstLoad: BenchCase = {
  name: 'page-first-load',
  loads: `the page for the first time, in a browser whose processor is slowed down ${slowdown} times`,
  shows: ['firstLoadKb', 'interactiveMs', 'requests'],
  reading:
    'Interactive means that the field one types into is there and the main thread is free again, from the beginning of the navigation on; what is loaded is counted as it came over the wire, compressed by gzip, headers included, but for the stream. Server and browser share the machine.',
  async run(bench) {
    const { built, sizes } = bench;
    const browser = await launchBrowser();
    try {
      for (let repeat = 1; repeat <= sizes.repeats; repeat++) {
        for (const { form, isMember, needs } of visitors) {
          const running = await parlor.start(built);
          try {
            const { host, port } = running.wire;
            const url = `http://${host}:${port}`;
            const member = await ApiClient.joinWithCookie(url, 'Ada');
            for (let i = 0; i < sizes.scaled(history); i++)
              await member.send(`Message ${i}, as people write them.`);
            const cookie = isMember ? (member.cookie ?? '') : '';
            bench.note(form, repeat, await firstLoad(browser, url, cookie, needs));
          } finally {
            await running.stop();
          }
        }
      }
    } finally {
      await browser.close();
    }
  },
};

async function firstLoad(browser: Browser, url: string, cookie: string, needs: string) {
  const context = await browser.newContext({ extraHTTPHeaders: { 'accept-encoding': 'gzip' } });
  try {
    const [name = '', value] = cookie.split('=');
    if (value !== undefined) await context.addCookies([{ name, value, url }]);
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    await devtools.send('Network.enable');
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
    let bytes = 0;
    let requests = 0;
    devtools.on('Network.requestWillBeSent', () => {
      requests += 1;
    });
    devtools.on('Network.loadingFinished', ({ encodedDataLength }) => {
      bytes += encodedDataLength;
    });
    await page.goto(url, { waitUntil: 'commit' });
    const interactiveMs = await interactive(page, needs);
    // A stream stays open; what is loaded has come long before.
    await page.waitForLoadState('networkidle', { timeout: restMs }).catch(() => {});
    return { firstLoadKb: bytes / 1000, interactiveMs, requests };
  } finally {
    await context.close();
  }
}

/** Milliseconds after the navigation began at which the field is there and the main thread has time. */
function interactive(page: Page, selector: string): Promise<number> {
  // As text: it is compiled in the page, which has none of the compiler's helpers. Two turns after the field has come,
  // everything that came with it is done.
  return page.evaluate(`new Promise((resolve) => {
    (function look() {
      if (!document.querySelector(${JSON.stringify(selector)})) return requestAnimationFrame(look);
      setTimeout(() => setTimeout(() => resolve(performance.now())));
    })();
  })`);
}
