import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const sheet = (name: string) => readFileSync(new URL(`../../src/web/${name}.css`, import.meta.url), 'utf8');
const css = sheet('colours');
/** What WCAG asks of text. */
const leastContrast = 4.5;
/** On whatever a name or a text in its colour may stand: the page, the roster, what speaks to oneself, a linked message. */
const backgrounds = ['paper', 'sheet', 'mention', 'linked'];

const light = variablesOf(blockAfter(css, ':root'));
const themes = {
  light,
  dark: {
    ...light,
    ...variablesOf(blockAfter(css.slice(css.indexOf('prefers-color-scheme: dark')), ':root')),
  },
};

for (const [theme, variables] of Object.entries(themes)) {
  const colour = (name: string) => fromHex(variables[name] ?? '');
  const number = (name: string) => Number.parseFloat(variables[name] ?? '');
  const nameColour = (hue: number) => fromOklch(number('name-light') / 100, number('name-chroma'), hue);

  test(`every hue of a name can be read wherever it stands, ${theme}`, () => {
    for (let hue = 0; hue < 360; hue++) {
      for (const background of backgrounds) {
        atLeast(nameColour(hue), colour(background), `hue ${hue} on ${background}`);
      }
      const avatar = fromOklch(number('avatar') / 100, number('avatar-chroma'), hue);
      atLeast(nameColour(hue), avatar, `hue ${hue} on its avatar`);
    }
  });

  test(`what stands beside a name can be read as well, ${theme}`, () => {
    for (const text of ['ink', 'faint', 'accent', 'alarm', 'warm']) {
      for (const background of backgrounds)
        atLeast(colour(text), colour(background), `${text} on ${background}`);
    }
  });
}

test('the style uses for names what is tested here', () => {
  const entries = sheet('log/entries');
  const name = 'color: oklch(var(--name-light) var(--name-chroma) var(--hue, 160));';
  assert.ok(blockAfter(entries, '.message .name').includes(name));
  const avatar = blockAfter(sheet('base'), '.avatar');
  assert.ok(avatar.includes(name));
  assert.ok(avatar.includes('background: oklch(var(--avatar) var(--avatar-chroma) var(--hue, 160));'));
  for (const [rule, background] of [
    ['.mention::before,\n.linked::before', 'var(--mention)'],
    ['\n\n.linked::before', 'var(--linked)'],
  ] as const) {
    assert.ok(blockAfter(entries, rule).includes(`background: ${background};`), rule);
  }
});

test('the arithmetic agrees with known colours', () => {
  assert.equal(contrast([0, 0, 0], [1, 1, 1]), 21);
  assert.ok(Math.abs(contrast(fromHex('#767676'), fromHex('#ffffff')) - 4.54) < 0.01);
  // Red in OKLCH, as CSS Color 4 gives it.
  const [red, green, blue] = fromOklch(0.62796, 0.25768, 29.2339);
  assert.ok(red > 0.999 && green < 0.001 && blue < 0.001);
});

type Linear = readonly [red: number, green: number, blue: number];

function atLeast(text: Linear, background: Linear, what: string): void {
  const found = contrast(text, background);
  assert.ok(found >= leastContrast, `${what}: ${found.toFixed(2)}`);
}

/** As WCAG 2.2 defines it. */
function contrast(a: Linear, b: Linear): number {
  const luminance = ([red, green, blue]: Linear) => 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  const [dark = 0, bright = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (bright + 0.05) / (dark + 0.05);
}

function fromHex(hex: string): Linear {
  assert.match(hex, /^#[\da-f]{6}$/i);
  const part = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [part(1), part(3), part(5)];
}

/** OKLCH to linear sRGB, by the matrices of CSS Color 4; what sRGB has not is cut off, as browsers do. */
function fromOklch(lightness: number, chroma: number, hue: number): Linear {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const cut = (value: number) => Math.min(1, Math.max(0, value));
  return [
    cut(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    cut(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    cut(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

/** What stands in braces after a selector. */
function blockAfter(text: string, selector: string): string {
  const start = text.indexOf(`${selector} {`);
  assert.ok(start >= 0, selector);
  return text.slice(start, text.indexOf('}', start));
}

function variablesOf(block: string): Record<string, string> {
  return Object.fromEntries(
    [...block.matchAll(/--([\w-]+):\s*([^;]+);/g)].map(([, name, value]) => [name, value]),
  );
}
