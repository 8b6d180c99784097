import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, before, describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { LastingServer } from '../fault/support/lasting-server.ts';
import { launchBrowser } from '../support/browser.ts';
import { has, searchPath } from '../support/needs.ts';
import { Operator, operated } from '../support/operator.ts';
import { temporaryFolder } from '../support/sqlite.ts';
import { waitUntil } from '../support/wait-until.ts';
import { MeddlingProxy } from './support/meddling-proxy.ts';
import { openServer, patient } from './support/room-server.ts';
import { expired, logOf, visitor } from './support/transcript.ts';
import { lookMs, patienceMs } from './support/typist.ts';

const folder = fileURLToPath(new URL('../../examples/php', import.meta.url));
const speaks = /POST .*\/session\/messages/;

describe('the example in PHP', { concurrency: 3 }, () => {
  let browser: Browser;

  before(async () => {
    browser = await launchBrowser();
  });

  after(() => browser.close());

  /** A browser without JavaScript on the page, or undefined if the test is skipped. */
  async function open(t: TestContext, parlor: string): Promise<Page | undefined> {
    const url = await startPhp(t, `${parlor}/lobby`);
    if (url === undefined) return undefined;
    const context = await browser.newContext({ javaScriptEnabled: false });
    t.after(() => context.close());
    const page = await context.newPage();
    page.setDefaultTimeout(patienceMs);
    await page.goto(url);
    return page;
  }

  it('talks both ways without JavaScript, shows HTML as text, and leaves', async (t) => {
    const server = await openServer(t);
    const bob = await visitor(t, server.url, 'Bob');
    const page = await open(t, server.url);
    if (!page) return;
    await join(page, 'Ada');
    await shows(page, 'Ada has joined.');
    await page.frameLocator('iframe').getByText('Here: Bob, Ada').waitFor();
    const hostile = '<img src=x onerror=alert(1)> &amp; "quoted" \'single\'';
    await bob.send(hostile);
    await shows(page, `Bob ${hostile}`);
    await say(page, hostile);
    await shows(page, `Ada ${hostile}`);
    await page.getByRole('textbox', { name: 'Message' }).fill('half a line');
    await bob.send('Grüße 🎉');
    await shows(page, 'Bob Grüße 🎉');
    assert.equal(await page.getByRole('textbox', { name: 'Message' }).inputValue(), 'half a line');
    await isTranscript(page, server.url);
    await page.getByRole('button', { name: 'Leave' }).click();
    await page.getByText('You have left.').waitFor();
    const events = await logOf(server.url);
    assert.deepEqual(
      events.map(({ type, name, message }) => [type, name, message ?? '']),
      [
        ['join', 'Bob', ''],
        ['join', 'Ada', ''],
        ['message', 'Bob', hostile],
        ['message', 'Ada', hostile],
        ['message', 'Bob', 'Grüße 🎉'],
        ['leave', 'Ada', ''],
      ],
    );
  });

  it('neither loses nor doubles when the server is killed, and keeps what could not be said', async (t) => {
    const server = await LastingServer.fromSource(t, patient);
    await server.start();
    const page = await open(t, server.url);
    if (!page) return;
    await join(page, 'Ada');
    await shows(page, 'Ada has joined.');
    const bob = await visitor(t, server.url, 'Bob');
    await server.kill();
    await say(page, 'written while it was away');
    await page.getByText('Not said: The chat does not answer.').waitFor();
    await page.frameLocator('iframe').getByText('Trying again.').waitFor();
    await server.start();
    await bob.send('here it is again');
    await page.getByRole('button', { name: 'Say' }).click();
    await shows(page, 'Ada written while it was away');
    await isTranscript(page, server.url);
  });

  it('says a message once, though answers are lost and refused', async (t) => {
    const server = await openServer(t);
    const proxy = await MeddlingProxy.open(t, server.url);
    const page = await open(t, proxy.url);
    if (!page) return;
    proxy.loseAnswer(/POST .*\/session$/);
    await join(page, 'Ada');
    proxy.loseAnswer(speaks);
    proxy.refuse(speaks, 502);
    await say(page, 'said once');
    proxy.loseAnswer(speaks);
    proxy.refuse(speaks, 502);
    proxy.refuse(speaks, 502);
    await say(page, 'said once, too');
    await page.getByText('Not said: The chat answers 502.').waitFor();
    await page.getByRole('button', { name: 'Say' }).click();
    await page.getByText('Not said').waitFor({ state: 'detached' });
    assert.equal(proxy.unmet, 0);
    await shows(page, 'Ada said once, too');
    assert.deepEqual(
      (await logOf(server.url)).map(({ message, type }) => message ?? type),
      ['join', 'said once', 'said once, too'],
    );
    await isTranscript(page, server.url);
  });

  it('goes on under a new session when the old one has expired, and shows what was said meanwhile', async (t) => {
    const server = await openServer(t, { SESSION_TIMEOUT: '4', REAPER_INTERVAL: '0.1' });
    const page = await open(t, server.url);
    if (!page) return;
    await join(page, 'Ada');
    await shows(page, 'Ada has joined.');
    const url = page.url();
    await page.goto('about:blank');
    const bob = await visitor(t, server.url, 'Bob');
    await expired(server.url, 'Ada', bob);
    await bob.send('she is gone');
    // Else he would expire at some time or other.
    await bob.destroy();
    await page.goto(url);
    await say(page, 'I am back');
    await shows(page, 'Ada I am back');
    await isTranscript(page, server.url);
  });

  it('LOG-4: shows announcements, and nothing of what is redacted', async (t) => {
    const server = await openServer(t, operated);
    const operator = new Operator(server.url);
    const bob = await visitor(t, server.url, 'Bob');
    const page = await open(t, server.url);
    if (!page) return;
    await join(page, 'Ada');
    const { body: bad } = await bob.send('bad');
    const announced = await operator.announce('<b>we close</b>');
    await shows(page, 'Announcement: <b>we close</b>');
    const { body: worse } = await bob.send('worse');
    for (const id of [bad.id, announced, worse.id]) await operator.redact(id);
    await bob.send('good');
    await shows(page, 'Bob good');
    assert.deepEqual((await linesOf(page)).slice(1), [
      'Bob Message removed',
      'Announcement: Message removed',
      'Bob Message removed',
      'Bob good',
    ]);
  });

  it('says that a name is taken, and lets choose another', async (t) => {
    const server = await openServer(t);
    await visitor(t, server.url, 'Ada');
    const page = await open(t, server.url);
    if (!page) return;
    await join(page, 'Ada');
    await page.getByText('The name Ada is already in use.').waitFor();
    await join(page, 'Ada <2>');
    await page.getByText('A name has letters').waitFor();
    await join(page, 'Ada 2');
    await shows(page, 'Ada 2 has joined.');
  });

  it('takes no form of another page, and keeps the session with the room from the browser', async (t) => {
    const server = await openServer(t);
    const page = await open(t, server.url);
    if (!page) return;
    await join(page, 'Ada');
    await shows(page, 'Ada has joined.');
    const cookies = await page.context().cookies();
    assert.deepEqual(
      cookies.map(({ name, httpOnly, sameSite }) => ({ name, httpOnly, sameSite })),
      [{ name: 'PHPSESSID', httpOnly: true, sameSite: 'Lax' }],
    );
    for (const form of ['do=say&message=forged', 'do=leave&csrf=', 'do=leave&csrf[]=x']) {
      const { status } = await fetch(page.url(), {
        method: 'POST',
        body: form,
        headers: {
          cookie: `PHPSESSID=${cookies[0]?.value}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
      });
      assert.equal(status, 403);
    }
    assert.deepEqual(
      (await logOf(server.url)).map(({ type }) => type),
      ['join'],
    );

    // A form that is sent twice is said once; with another text, as by the way back, it is another message.
    const hidden = async (name: string) =>
      (await page.locator(`input[name=${name}]`).first().inputValue()) ?? '';
    const form = { do: 'say', csrf: await hidden('csrf'), key: await hidden('key') };
    for (const message of ['twice', 'twice', 'another']) {
      const { status } = await fetch(page.url(), {
        method: 'POST',
        body: new URLSearchParams({ ...form, message }),
        headers: { cookie: `PHPSESSID=${cookies[0]?.value}` },
        redirect: 'manual',
      });
      assert.equal(status, 303);
    }
    assert.deepEqual(
      (await logOf(server.url)).map(({ message, type }) => message ?? type),
      ['join', 'twice', 'another'],
    );
  });
});

async function join(page: Page, name: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Your name' }).fill(name);
  await page.getByRole('button', { name: 'Join' }).click();
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Message' }).fill(text);
  await page.getByRole('button', { name: 'Say' }).click();
}

/** The lines of the log: name and text. */
async function linesOf(page: Page): Promise<string[]> {
  let lines: string[] = [];
  const isWhole = async () => {
    // The frame may load itself anew at this very moment.
    lines = await page
      .frameLocator('iframe')
      .locator('p:not(.notice)')
      .allTextContents()
      .catch(() => []);
    return lines.at(-1)?.startsWith('Here: ') ?? false;
  };
  await waitUntil(isWhole, 'the frame is whole', patienceMs, lookMs);
  return lines.slice(0, -1).map((line) => line.replace(/^\d\d:\d\d /, ''));
}

async function shows(page: Page, line: string): Promise<void> {
  const isThere = async () => (await linesOf(page)).includes(line);
  await waitUntil(isThere, `the page shows "${line}"`, patienceMs, lookMs);
}

/** It shows what the log has from her joining on, as soon as its frame was loaded anew. */
async function isTranscript(page: Page, url: string): Promise<void> {
  const words = { join: 'has joined.', leave: 'has left.' } as Record<string, string>;
  let [shown, expected]: string[][] = [[], []];
  const isSame = async () => {
    const events = await logOf(url);
    const seen = events.slice(events.findIndex(({ type, name }) => type === 'join' && name === 'Ada'));
    expected = seen.map(({ type, name, message }) => `${name} ${message ?? words[type]}`);
    shown = await linesOf(page);
    return isDeepStrictEqual(shown, expected);
  };
  await waitUntil(isSame, 'the page shows the log', patienceMs, lookMs).catch(() => {
    assert.deepEqual(shown, expected);
  });
}

/** PHP's own server with the example; its address, or undefined if the test is skipped. */
async function startPhp(t: TestContext, parlor: string): Promise<string | undefined> {
  if (!has(t, 'php')) return undefined;
  for (;;) {
    const address = `127.0.0.1:${await freePort()}`;
    // As in its first lines. Without PHP_CLI_SERVER_WORKERS it does one thing after the other.
    const args = ['-d', `session.save_path=${temporaryFolder(t)}`, '-S', address, '-t', folder];
    const child = spawn('php', args, {
      env: { PATH: searchPath, PARLOR_URL: parlor },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const said: string[] = [];
    child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
    t.after(() => stop(child));
    const isUp = () => /Development Server .* started/.test(said.join(''));
    await waitUntil(() => isUp() || child.exitCode !== null, 'PHP listens', patienceMs);
    t.after(() => assert.doesNotMatch(said.join(''), /Warning|Notice|Deprecated|Fatal/));
    if (isUp()) return `http://${address}/`;
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

async function freePort(): Promise<number> {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const address = holder.address();
  await new Promise((resolve) => holder.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('There is no port.');
  return address.port;
}
