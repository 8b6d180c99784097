/**
 * Takes the pictures in docs/images: `npm run screenshots`, or some of them: `npm run screenshots -- wide gap`.
 * A server of its own, people who talk by the API, and a real browser at the sizes people have.
 */
import { mkdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { Clock } from '../src/core/clock.ts';
import { systemClock } from '../src/system/system-clock.ts';
import { ApiClient } from '../test/support/api-client.ts';
import { launchBrowser } from '../test/support/browser.ts';
import { builtPage } from '../test/support/built-page.ts';
import { chatAddress, hostPage } from '../test/support/host-page.ts';
import { adminToken, giveToken, goTo, partOf } from '../test/support/operator-page.ts';
import { startServer, type TestServer } from '../test/support/test-server.ts';
import { busyOptions, populate } from './busy-server.ts';

type Line = readonly [name: string, text: string, minutesLater?: number];

const talk: readonly Line[] = [
  ['Grace', 'Morning! The projector in room 2 works again.'],
  ['Ada', 'Thank you! I had already packed the old one.', 1],
  ['Bob', 'Slides: https://example.org/talks/two-step-programs', 4],
  ['Bob', 'The last one is still a draft, so go easy on it.'],
  ['Grace', '/me reads them with a pencil', 6],
  ['Grace', 'Page 4: should the arrow not point the other way?', 3],
  ['Bob', 'It should. Fixed, please reload.', 2],
  ['Ada', 'Lunch at one? The place around the corner has soup today.', 21],
  ['Grace', 'Soup it is. @Bob, are you coming?', 1],
];

const rightToLeft: readonly Line[] = [
  ['Grace', 'Welcome, everybody. Write as you like to write.'],
  ['ليلى', 'صباح الخير! هل نلتقي الساعة 3 في room 2؟', 1],
  ['נועה', 'כן, אני מביאה את המצגת (version 2).', 1],
  ['Bob', 'See you at 3, ليلى and נועה!', 1],
];

const phone: BrowserContextOptions = {
  viewport: { width: 390, height: 780 },
  deviceScaleFactor: 1.5,
  hasTouch: true,
  isMobile: true,
};
/** How long the operator has looked at his plots. */
const watchedMs = 240_000;
const broad: BrowserContextOptions = { viewport: { width: 920, height: 500 } };
const wide: BrowserContextOptions = { viewport: { width: 1180, height: 720 } };

/** Each picture: how it is taken, by its file's name. */
const pictures: Record<string, (name: string) => Promise<void>> = {
  wide: (name) => reading(name, wide, talk, 'Bob'),
  phone: (name) => reading(name, phone, talk, 'Bob'),
  dark: (name) => reading(name, { ...wide, colorScheme: 'dark' }, talk, 'Bob'),
  'right-to-left': (name) => reading(name, wide, rightToLeft, 'ليلى'),
  join: async (name) => {
    const server = await started();
    await speak(server, talk);
    const page = await open(wide, server.url);
    await page.getByText(/soup/i).first().waitFor();
    await take(page, name);
    await server.close();
  },
  banner: async (name) => {
    const server = await started();
    const page = await inside(wide, server, await speak(server, talk), 'Bob');
    await server.close();
    await page
      .getByText(/trying again in/i)
      .first()
      .waitFor({ timeout: 60_000 });
    await page.getByRole('textbox', { name: 'Message' }).fill('Count me in!');
    await page.keyboard.press('Enter');
    await take(page, name);
  },
  gap: async (name) => {
    const server = await started({ HISTORY_EVENTS: '5', SEND_LIMIT: 'off' });
    const speakers = await speak(server, talk);
    const page = await inside(wide, server, speakers, 'Bob');
    await page.context().setOffline(true);
    // What is open already is not touched by that.
    server.app.server.closeAllConnections();
    // Nor does our own pool of connections know of it yet.
    await fetch(server.url).catch(() => {});
    now += 35 * 60_000;
    for (let i = 1; i <= 17; i++) {
      await speakers.get(i % 3 === 0 ? 'Grace' : 'Ada')?.send(`Agenda, item ${i}`);
    }
    await page.context().setOffline(false);
    await page.getByText('Agenda, item 17', { exact: true }).waitFor();
    await take(page, name);
    await server.close();
  },
  'embed-page': (name) => embedding(name, broad),
  'embed-dark': (name) => embedding(name, { ...broad, colorScheme: 'dark' }),
  'embed-phone': (name) =>
    embedding(name, { ...phone, viewport: { width: 360, height: 740 }, deviceScaleFactor: 1 }),
  'embed-colours': (name) => embedding(name, broad, shopStyle),
  'embed-builder': async (name) => {
    const server = await started();
    await speak(server, talk);
    const page = await open({ viewport: { width: 860, height: 640 } }, `${server.url}/embed`);
    await page.getByLabel('Address of your page').fill('https://www.example.org');
    await page.frameLocator('parlor-room iframe').getByText(/soup/i).first().waitFor();
    await page.evaluate('document.activeElement.blur()');
    await take(page, name);
    await server.close();
  },
  'admin-overview': (name) => operating(name, { viewport: { width: 1180, height: 900 } }, 'Overview'),
  'admin-sessions': (name) => operating(name, { ...wide, colorScheme: 'dark' }, 'Sessions'),
  'admin-ban': (name) =>
    operating(name, wide, 'Sessions', async (page) => {
      await page.getByRole('button', { name: 'Ban: Cleo', exact: true }).click();
      await page.getByRole('dialog').getByLabel('Reason').fill('Advertises in every room');
      await page.evaluate('document.activeElement.blur()');
    }),
  'admin-phone': (name) => operating(name, { ...phone, viewport: { width: 360, height: 740 } }, 'Sessions'),
};

/** Somebody's page, by day and by night. */
const pageStyle = `
  :root { color-scheme: light dark; font: 1rem / 1.5 Georgia, serif; }
  body { max-width: 62rem; margin: 0 auto; padding: 1.25rem; }
  h1 { margin: 0 0 0.25rem; font-weight: 500; }
  p { margin: 0 0 1rem; }
  main { display: grid; gap: 1rem; grid-template-columns: minmax(0, 1fr) 18rem; }
  parlor-room, parlor-feed { block-size: 22rem; }
  @media (max-width: 40rem) {
    main { grid-template-columns: minmax(0, 1fr); }
    parlor-room { block-size: 26rem; }
    parlor-feed { block-size: 9.5rem; }
  }
`;
const shopStyle = `
  :root { color-scheme: light; background: #fdf1e3; color: #4a2511; }
  parlor-room, parlor-feed {
    --parlor-background: #4a2511; --parlor-text: #fdf1e3; --parlor-accent: #ffb454;
    --parlor-font: Georgia, serif; --parlor-radius: 0.25rem;
  }
`;

const folder = fileURLToPath(new URL('../docs/images', import.meta.url));
/** The time of day that the pictures show first; what is said takes its time. */
const morning = new Date(new Date().setHours(9, 2, 0, 0)).getTime();
let now = morning;
const clock: Clock = { ...systemClock, wall: () => now };

const wished = process.argv.slice(2);
const unknown = wished.filter((name) => !(name in pictures));
if (unknown.length > 0) {
  console.error(`No picture ${unknown.join(', ')}; there are ${Object.keys(pictures).join(', ')}.`);
  process.exit(1);
}
await mkdir(folder, { recursive: true });
const browser: Browser = await launchBrowser();
for (const [name, picture] of Object.entries(pictures)) {
  if (wished.length > 0 && !wished.includes(name)) continue;
  now = morning;
  await picture(name);
  console.log(`docs/images/${name}.png`);
}
await browser.close();

async function started(options: Record<string, string> = {}): Promise<TestServer> {
  return startServer(options, { clock, publicDirectory: await builtPage() });
}

/** Lets people join and talk, each line at its time. */
async function speak(server: TestServer, lines: readonly Line[]): Promise<Map<string, ApiClient>> {
  const speakers = new Map<string, ApiClient>();
  for (const [name] of lines) {
    if (!speakers.has(name)) speakers.set(name, await ApiClient.joinWithCookie(server.url, name));
  }
  for (const [name, text, minutes = 0] of lines) {
    now += minutes * 60_000 + 1000;
    const answer = await speakers.get(name)?.send(text);
    if (answer?.status !== 201) throw new Error(`${name} could not say “${text}”: ${answer?.status}`);
  }
  return speakers;
}

async function open(options: BrowserContextOptions, url: string, cookie = ''): Promise<Page> {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options });
  const [name = '', value] = cookie.split('=');
  if (value !== undefined) await context.addCookies([{ name, value, url }]);
  const page = await context.newPage();
  await page.clock.setSystemTime(now);
  await page.goto(url);
  return page;
}

/** The page of somebody who has talked already. */
async function inside(
  options: BrowserContextOptions,
  server: TestServer,
  speakers: Map<string, ApiClient>,
  as: string,
): Promise<Page> {
  const page = await open(options, server.url, speakers.get(as)?.cookie);
  await page.getByText('Live', { exact: true }).waitFor();
  return page;
}

async function reading(
  name: string,
  options: BrowserContextOptions,
  lines: readonly Line[],
  as: string,
): Promise<void> {
  const server = await started();
  const page = await inside(options, server, await speak(server, lines), as);
  await take(page, name);
  await server.close();
}

/** A room and its feed in a page of somebody else. */
async function embedding(name: string, options: BrowserContextOptions, style = ''): Promise<void> {
  const endings: (() => void)[] = [];
  const host = await hostPage((ending) => endings.push(ending), 'www');
  const server = await started({ EMBED_ORIGINS: host.origin });
  const chat = chatAddress(server.port);
  host.html = `<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Talks</title>
    <style>${pageStyle}${style}</style>
    <script type="module" src="${chat}/embed.js"></script>
    <h1>Two-step programs</h1><p>A talk in room 2, on Thursday. Ask what you like.</p>
    <main><parlor-room room="lobby"></parlor-room><parlor-feed room="lobby" last="20"></parlor-feed></main>`;
  await speak(server, talk);
  const page = await open(options, host.origin);
  const frame = page.frameLocator('parlor-room iframe');
  await frame.getByRole('textbox', { name: 'Your name' }).fill('Linus');
  await frame.getByRole('button', { name: 'Join the room' }).click();
  await frame.getByRole('textbox', { name: 'Message' }).fill('See you there!');
  await frame.getByText('Live', { exact: true }).waitFor({ state: 'attached' });
  await page
    .getByRole('log')
    .getByText(/soup it is/i)
    .first()
    .waitFor();
  await take(page, name);
  await server.close();
  for (const ending of endings) ending();
}

/** A busy server, as its operator sees it. */
async function operating(
  name: string,
  options: BrowserContextOptions,
  part: Parameters<typeof goTo>[1],
  act?: (page: Page) => Promise<void>,
): Promise<void> {
  const publicDirectory = await builtPage();
  // By the real clock: its plots are of what really happens.
  const server = await startServer({ ...busyOptions, ADMIN_TOKEN: adminToken }, { publicDirectory });
  const page = await (await browser.newContext({ reducedMotion: 'reduce', ...options })).newPage();
  await page.goto(`${server.url}/admin`);
  await giveToken(page, adminToken);
  await page.locator('canvas').nth(5).waitFor();
  const disperse = await populate(server.url);
  await delay(part === 'Overview' ? watchedMs : 0);
  await goTo(page, part);
  if (part !== 'Overview') await partOf(page).getByRole('rowheader').first().waitFor();
  await act?.(page);
  await take(page, name);
  await disperse();
  await server.close();
}

async function take(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `${folder}/${name}.png`, animations: 'disabled' });
  await page.context().close();
}
