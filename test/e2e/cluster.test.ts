import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { ApiClient } from '../support/api-client.ts';
import { launchBrowser } from '../support/browser.ts';
import { join, openPage, say, shows } from '../support/chat-page.ts';
import { has } from '../support/needs.ts';
import { servePage } from '../support/page-server.ts';
import { RedisServer } from '../support/redis-server.ts';

describe('pages of two instances on one Redis', () => {
  let browser: Browser;

  before(async () => {
    browser = await launchBrowser();
  });

  after(() => browser.close());

  it('talk with each other, and with a client that polls', async (t) => {
    if (!has(t, 'redis-server')) return;
    const redis = await RedisServer.start();
    t.after(() => redis.dispose());
    const first = await servePage(t, { STORE_URL: redis.url });
    const second = await servePage(t, { STORE_URL: redis.url });
    const ada = await openPage(t, browser, first.url);
    await join(ada, 'Ada');
    const bob = await openPage(t, browser, second.url);
    await join(bob, 'Bob');
    const cy = await ApiClient.join(second.url, 'Cy');
    await say(ada, 'Hello from the first!');
    await shows(bob, 'Hello from the first!');
    await say(bob, 'Hello from the second!');
    await shows(ada, 'Hello from the second!');
    await cy.send('Hello by curl!');
    await shows(ada, 'Hello by curl!');
  });
});
