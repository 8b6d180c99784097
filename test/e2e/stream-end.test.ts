import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiClient } from '../support/api-client.ts';
import { launchBrowser } from '../support/browser.ts';
import { startServer } from '../support/test-server.ts';

test('[FAN-6] Chromium reads a stream of shared frames to its clean end', async (t) => {
  const browser = await launchBrowser();
  t.after(() => browser.close());
  const server = await startServer();
  let isClosed = false;
  const close = async () => {
    isClosed = true;
    await server.close();
  };
  t.after(() => (isClosed ? undefined : server.close()));
  const page = await browser.newPage();
  await page.goto(`${server.url}/livez`);
  const ada = await ApiClient.join(server.url, 'Ada');
  // Resolves to the whole text; a body that is cut off, or is no well-formed chunk, rejects.
  const reading = page.evaluate<string>(
    "fetch('/v1/rooms/lobby/feed').then((response) => { document.title = 'reading'; return response.text(); })",
  );
  await page.waitForFunction("document.title === 'reading'");
  for (const text of ['one', 'zwei €', 'three']) assert.equal((await ada.send(text)).status, 201);
  await close();
  const text = await reading;
  const messages = [...text.matchAll(/^data: (\{"id":\d+,"type":"message".*\})$/gm)];
  assert.deepEqual(
    messages.map(([, json]) => JSON.parse(json ?? '').message),
    ['one', 'zwei €', 'three'],
  );
  assert.match(text, /event: bye\ndata: \{"reason":"shutdown",[^\n]*\}\n\n$/);
});
