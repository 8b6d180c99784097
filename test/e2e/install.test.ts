import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import { openPage } from '../support/chat-page.ts';
import { servePage } from '../support/page-server.ts';

/** What Chromium has understood of a manifest; where it could not, a member is missing. */
interface Understood {
  readonly url: string;
  readonly errors: readonly unknown[];
  readonly manifest: {
    readonly id: string;
    readonly name: string;
    readonly startUrl: string;
    readonly scope: string;
    readonly display: string;
    readonly preferRelatedApplications: boolean;
    readonly icons: readonly { readonly url: string; readonly sizes: string }[];
  };
}

describe('installing the page, in a real browser', () => {
  let browser: Browser;

  before(async () => {
    browser = await launchBrowser();
  });

  after(() => browser.close());

  // A browser without a window answers that any page may be installed: what it asks for is looked at one by one.
  it('finds all that Chromium asks of a page that it installs: name, start, window and icons', async (t) => {
    const server = await servePage(t, { ROOMS: 'lobby,second' });
    const page = await openPage(t, browser, `${server.url}/second`);
    await page.getByRole('button', { name: 'Join the room' }).waitFor();
    const session = await page.context().newCDPSession(page);
    const { url, errors, manifest } = (await session.send('Page.getAppManifest')) as unknown as Understood;
    assert.equal(url, `${server.url}/manifest/second`);
    assert.deepEqual(errors, []);
    const { id, name, startUrl, scope, display, preferRelatedApplications, icons } = manifest;
    assert.deepEqual(
      { id, name, startUrl, scope, display, preferRelatedApplications },
      {
        id: `${server.url}/second`,
        name: 'second · Parlor',
        startUrl: `${server.url}/second`,
        scope: `${server.url}/`,
        display: 'kStandalone',
        preferRelatedApplications: false,
      },
    );
    // In sizes; the vector has any.
    assert.deepEqual(
      icons.map(({ sizes }) => sizes),
      ['192x192', '512x512', '192x192', '512x512', '0x0'],
    );
    for (const icon of icons) {
      const widths = await page.evaluate(`(async () => {
        const image = new Image();
        image.src = ${JSON.stringify(icon.url)};
        await image.decode();
        return image.naturalWidth + 'x' + image.naturalHeight;
      })()`);
      if (icon.sizes !== '0x0') assert.equal(widths, icon.sizes, icon.url);
    }
  });

  it('has an icon in the tab, as a picture and as a drawing', async (t) => {
    const server = await servePage(t);
    const page = await openPage(t, browser, server.url);
    const links = await page
      .locator('link[rel=icon]')
      .evaluateAll((all) => all.map((link) => `${link.getAttribute('type')} ${link.getAttribute('href')}`));
    assert.deepEqual(links, ['image/png /static/favicon.png', 'image/svg+xml /static/favicon.svg']);
  });
});
