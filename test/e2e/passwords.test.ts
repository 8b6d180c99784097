import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import { openPage } from '../support/chat-page.ts';
import { servePage } from '../support/page-server.ts';
import { writePasswords } from '../support/password-file.ts';
import { temporaryFolder } from '../support/sqlite.ts';
import { waitUntil } from '../support/wait-until.ts';

describe('the page of a room whose users have passwords, in a real browser', () => {
  let browser: Browser;

  before(async () => {
    browser = await launchBrowser();
  });

  after(() => browser.close());

  it('asks for the password, says when it is wrong, and lets in who knows it', async (t) => {
    const file = join(temporaryFolder(t), 'users');
    writePasswords(file, { Ada: 'correct horse' });
    const server = await servePage(t, { AUTH: `file:${file}` });
    const page = await openPage(t, browser, server.url);
    const password = page.getByLabel('Password');
    await page.getByRole('textbox', { name: 'Your name' }).fill('ada');
    await page.getByRole('button', { name: 'Join the room' }).click();
    await page.getByText('Write the password.').waitFor();
    await password.fill('correct house');
    await page.keyboard.press('Enter');
    await page.getByText('That is not the password for this name.').waitFor();
    assert.equal(await password.getAttribute('aria-invalid'), 'true');
    await password.fill('correct horse');
    await page.keyboard.press('Enter');
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
    // As it stands in the file, not as it was typed.
    await page.locator('#roster li .name', { hasText: /^Ada$/ }).waitFor();
  });

  it('asks for a password only where a name is one of those, if others come in without', async (t) => {
    const file = join(temporaryFolder(t), 'users');
    writePasswords(file, { Ada: 'correct horse' });
    const server = await servePage(t, { AUTH: `file:${file},open` });
    const page = await openPage(t, browser, server.url);
    const name = page.getByRole('textbox', { name: 'Your name' });
    const password = page.getByLabel('Password');
    await name.fill('Ada');
    assert.equal(await password.isVisible(), false);
    await page.keyboard.press('Enter');
    await page.getByText('This room asks for a password.').waitFor();
    await page.reload();
    await name.fill('Bob');
    await page.keyboard.press('Enter');
    await page.getByRole('textbox', { name: 'Message' }).waitFor();
  });

  it('says after too many wrong ones that it were too many, and how long to wait', async (t) => {
    const file = join(temporaryFolder(t), 'users');
    writePasswords(file, { Ada: 'correct horse' });
    const server = await servePage(t, { AUTH: `file:${file}` });
    const page = await openPage(t, browser, server.url);
    await page.getByRole('textbox', { name: 'Your name' }).fill('Ada');
    await page.getByLabel('Password').fill('a guess');
    const refusal = /^There were too many failed attempts .* this name\. Try again in \d seconds?\.$/;
    // On a slow machine some of the ten are given back by then.
    await waitUntil(async () => {
      await page.getByLabel('Password').press('Enter');
      return page.getByText(refusal).isVisible();
    }, 'it says so');
    assert.equal(await page.locator('#password-remark').textContent(), '');
  });
});
