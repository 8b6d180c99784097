import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { violationsOn } from '../support/accessibility.ts';
import { ApiClient } from '../support/api-client.ts';
import { launchBrowser } from '../support/browser.ts';
import { openPage } from '../support/chat-page.ts';
import { servePage } from '../support/page-server.ts';
import { signOn } from '../support/sign-on.ts';
import { secret } from '../support/tokens.ts';

describe('the page of a room whose users come by a single sign-on, in a real browser', () => {
  let browser: Browser;

  before(async () => {
    browser = await launchBrowser();
  });

  after(() => browser.close());

  const enter = (page: Page) => page.getByRole('button', { name: 'Join the room' });
  const signIn = (page: Page) => page.getByRole('link', { name: 'Sign in' });
  const isTyping = (page: Page) => page.getByRole('textbox').first().isVisible();

  it('leads to where one signs in, and lets in with one button who comes back', async (t) => {
    const sso = await signOn(t);
    const server = await servePage(t, { ...sso.options, ROOMS: 'lobby,tea' });
    const page = await openPage(t, browser, `${server.url}/tea`);
    await page.getByText('To come in, sign in first.').waitFor();
    assert.deepEqual([await isTyping(page), await enter(page).isVisible()], [false, false]);
    assert.deepEqual(await violationsOn(page), []);
    await signIn(page).click();
    await page.getByText('You are signed in, and come in under that name.').waitFor();
    assert.deepEqual(sso.returns, [`${server.url}/tea`]);
    assert.deepEqual([await isTyping(page), await signIn(page).isVisible()], [false, false]);
    assert.deepEqual(await violationsOn(page), []);
    await enter(page).click();
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
    await page.locator('#roster li .name', { hasText: /^Ada$/ }).waitFor();

    await page.getByRole('button', { name: 'Leave' }).click();
    await enter(page).click();
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
  });

  it('sees by itself that one has signed in elsewhere meanwhile', async (t) => {
    const sso = await signOn(t);
    const server = await servePage(t, sso.options);
    const page = await openPage(t, browser, server.url);
    await signIn(page).waitFor();
    const other = await page.context().newPage();
    await other.goto(sso.options.LOGIN_URL?.replace('{url}', server.url) ?? '');
    await page.bringToFront();
    await page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`);
    await enter(page).click();
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
  });

  it('says that a sign-in is not valid any more, and leads to a new one', async (t) => {
    const sso = await signOn(t);
    const server = await servePage(t, sso.options);
    sso.claims = { exp: Math.floor(Date.now() / 1000) - 3600 };
    const page = await openPage(t, browser, server.url);
    await signIn(page).click();
    await enter(page).click();
    await page.getByText('Your sign-in is not valid here, or no longer.').waitFor();
    sso.claims = {};
    await signIn(page).click();
    await enter(page).click();
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
  });

  it('says which claim of a token is no name, and that somebody has the name', async (t) => {
    const sso = await signOn(t);
    const server = await servePage(t, { ...sso.options, AUTH: 'jwt,open' });
    await ApiClient.join(server.url, 'Ada');
    const page = await openPage(t, browser, server.url);
    for (const [claims, text] of [
      [{}, /^Somebody in the room has this name/],
      [{ preferred_username: 'A<b>' }, /^The claim "preferred_username" of your token is no name\./],
    ] as const) {
      sso.claims = claims;
      await page.goto(sso.options.LOGIN_URL?.replace('{url}', server.url) ?? '');
      await enter(page).click();
      await page.getByRole('alert').filter({ hasText: text }).waitFor();
    }
  });

  it('asks for a name too where others come in without, and still leads to the sign-in', async (t) => {
    const sso = await signOn(t);
    const server = await servePage(t, { ...sso.options, AUTH: 'jwt,open' });
    const page = await openPage(t, browser, server.url);
    await signIn(page).waitFor();
    assert.deepEqual(await violationsOn(page), []);
    await page.getByRole('textbox', { name: 'Your name' }).fill('Bob');
    await enter(page).click();
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
  });

  it('says where nobody has told it where one signs in, and asks for nothing', async (t) => {
    const server = await servePage(t, { AUTH: 'jwt', JWT_SECRET: secret });
    const page = await openPage(t, browser, server.url);
    await page.getByText('To come in, sign in where this room belongs to, and come back.').waitFor();
    assert.deepEqual(
      [await isTyping(page), await enter(page).isVisible(), await signIn(page).isVisible()],
      [false, false, false],
    );
  });

  it('asks as well as it can of a server that does not say what it takes', async (t) => {
    const server = await servePage(t);
    const page = await (await browser.newContext()).newPage();
    t.after(() => page.context().close());
    await page.route('**/login', () => {});
    await page.goto(server.url);
    await page.getByRole('textbox', { name: 'Your name' }).fill('Ada');
    await enter(page).click();
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
  });
});
