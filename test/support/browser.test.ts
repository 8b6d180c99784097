import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { launchBrowser } from './browser.ts';

test('a real browser opens a page, and its web security is on', async (t) => {
  const other = createServer((_, response) => response.end('secret'));
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8').end('<title>up</title><p>Grüße 你好');
  });
  for (const each of [other, server]) {
    await new Promise<void>((resolve) => each.listen(0, '127.0.0.1', resolve));
    t.after(() => each.close());
  }
  const browser = await launchBrowser();
  t.after(() => browser.close());

  const page = await browser.newPage();
  await page.goto(addressOf(server.address()));
  assert.equal(await page.title(), 'up');
  const answer = await page.evaluate(
    (address) =>
      fetch(address).then(
        (response) => response.text(),
        () => 'refused',
      ),
    addressOf(other.address()),
  );
  assert.equal(answer, 'refused');
});

function addressOf(address: AddressInfo | string | null): string {
  assert.ok(address !== null && typeof address === 'object');
  return `http://127.0.0.1:${address.port}/`;
}
