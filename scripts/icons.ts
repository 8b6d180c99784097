/** Draws the icons in public/icons from one shape: `npm run icons`. Their PNGs are what a real browser makes of the SVGs. */
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../test/support/browser.ts';

const green = '#1d6a5b';
const paper = '#f7f3ec';
const folder = fileURLToPath(new URL('../public/icons', import.meta.url));

/** A bubble in which something is said. */
const bubble = (fill: string, lines: string) =>
  `<path fill="${fill}" d="M7 3h18a5 5 0 0 1 5 5v11a5 5 0 0 1-5 5H15l-7 6v-6H7a5 5 0 0 1-5-5V8a5 5 0 0 1 5-5z"/>` +
  `<path fill="none" stroke="${lines}" stroke-width="2.6" stroke-linecap="round" d="M9 11h14M9 16.5h8.5"/>`;

const svg = (content: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><title>Parlor</title>${content}</svg>\n`;

/** The bubble on a ground, so large that the icon may be cut to any shape if it is `maskable`. */
const onGround = (scale: number) => {
  const shift = 16 - 16 * scale;
  const placed = `<g transform="translate(${shift} ${shift - 0.25}) scale(${scale})">${bubble(paper, green)}</g>`;
  return svg(`<path fill="${green}" d="M0 0h32v32H0z"/>${placed}`);
};

/** What was not read is told apart by shape too: a dot, or with `!` what speaks to oneself. */
const dots = {
  favicon: '',
  'favicon-unread': `<circle cx="24.5" cy="24.5" r="6.5" fill="#e8940a" stroke="${paper}" stroke-width="1.5"/>`,
  'favicon-mention':
    `<circle cx="22.5" cy="22.5" r="9" fill="#c62f1b" stroke="${paper}" stroke-width="1"/>` +
    '<path stroke="#fff" stroke-width="3" stroke-linecap="round" d="M22.5 17.5v5.5M22.5 27.3v.1"/>',
};

const browser = await launchBrowser();
try {
  await mkdir(folder, { recursive: true });
  const plain = svg(bubble(green, paper));
  await write('icon.svg', plain);
  await png(browser, 'icon-192', plain, 192);
  await png(browser, 'icon-512', plain, 512);
  await png(browser, 'maskable-192', onGround(0.6), 192);
  await png(browser, 'maskable-512', onGround(0.6), 512);
  await png(browser, 'apple-touch-icon', onGround(0.68), 180);
  for (const [name, dot] of Object.entries(dots)) {
    const icon = svg(bubble(green, paper) + dot);
    await write(`${name}.svg`, icon);
    await png(browser, name, icon, 32);
  }
} finally {
  await browser.close();
}

async function png(from: Browser, name: string, icon: string, size: number): Promise<void> {
  const page = await from.newPage();
  const bytes = await page.evaluate(`(async () => {
    const image = new Image();
    image.src = ${JSON.stringify(`data:image/svg+xml,${encodeURIComponent(icon)}`)};
    image.width = image.height = ${size};
    await image.decode();
    const canvas = new OffscreenCanvas(${size}, ${size});
    canvas.getContext('2d').drawImage(image, 0, 0, ${size}, ${size});
    return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())];
  })()`);
  await write(`${name}.png`, Buffer.from(bytes as number[]));
  await page.close();
}

async function write(name: string, content: string | Buffer): Promise<void> {
  await writeFile(`${folder}/${name}`, content);
  console.log(`${name}: ${content.length} bytes`);
}
