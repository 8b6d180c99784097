import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type BaseColours, contrast, isDark, paletteOf, type Rgb } from '../../../src/web/embed/palette.ts';

const rgb = (hex: string): Rgb => {
  const part = (at: number) => Number.parseInt(hex.slice(at, at + 2), 16) / 255;
  return [part(1), part(3), part(5)];
};
/** As base.css has them. */
const day: BaseColours = {
  paper: rgb('#f7f3ec'),
  sheet: rgb('#fffdf9'),
  ink: rgb('#26211b'),
  accent: rgb('#1d6a5b'),
  alarm: rgb('#a3301f'),
  warm: rgb('#8a5a00'),
};
const night: BaseColours = {
  paper: rgb('#171513'),
  sheet: rgb('#201d1a'),
  ink: rgb('#ebe5db'),
  accent: rgb('#86cdbb'),
  alarm: rgb('#ff9d8a'),
  warm: rgb('#e5b567'),
};
const nothing = { background: undefined, text: undefined, accent: undefined };

const colour = fc
  .tuple(...[0, 1, 2].map(() => fc.integer({ min: 0, max: 255 })))
  .map(([red = 0, green = 0, blue = 0]): Rgb => [red / 255, green / 255, blue / 255]);
const maybe = fc.option(colour, { nil: undefined });

/** Out of `rgb(1 2 3)`. */
function parsed(text: string | undefined): Rgb {
  const [red = 0, green = 0, blue = 0] = text?.match(/\d+/g)?.map((part) => Number(part) / 255) ?? [];
  return [red, green, blue];
}

/** Contrast in OKLCH of any hue, as the style writes names. */
function nameColours(palette: Readonly<Record<string, string>>): Rgb[] {
  const light = Number.parseFloat(palette['--name-light'] ?? '') / 100;
  const chroma = Number(palette['--name-chroma']);
  return Array.from({ length: 36 }, (_, i) => oklch(light, chroma, (i * Math.PI) / 18));
}

/** By Björn Ottosson's matrices; what is outside of sRGB is clipped. */
function oklch(light: number, chroma: number, hue: number): Rgb {
  const [a, b] = [chroma * Math.cos(hue), chroma * Math.sin(hue)];
  const long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const medium = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (light - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [
    4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
    -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
    -0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short,
  ];
  const [red = 0, green = 0, blue = 0] = linear.map((part) => {
    const clipped = Math.min(1, Math.max(0, part));
    return clipped <= 0.0031308 ? clipped * 12.92 : 1.055 * clipped ** (1 / 2.4) - 0.055;
  });
  return [red, green, blue];
}

describe('the colours of a framed room', () => {
  it('stay those of the style if nothing is wished', () => {
    assert.deepEqual(paletteOf(day, nothing), {});
  });

  it('take a wished accent as it is where it can be read', () => {
    const palette = paletteOf(day, { ...nothing, accent: rgb('#0b5fff') });
    assert.deepEqual(palette, { '--accent': 'rgb(11 95 255)', '--on-accent': 'rgb(255 255 255)' });
  });

  it('move an accent that cannot be read until it can', () => {
    const palette = paletteOf(day, { ...nothing, accent: rgb('#ffcc00') });
    const accent = parsed(palette['--accent']);
    assert.ok(contrast(rgb('#ffcc00'), day.paper) < 4.5);
    assert.ok(contrast(accent, day.paper) >= 4.5);
    assert.ok(accent[0] > accent[2], 'and is a yellow still');
  });

  it('can be read whatever is wished', () => {
    const pairs = [
      ['--ink', '--paper'],
      ['--ink', '--sheet'],
      ['--ink', '--mention'],
      ['--ink', '--linked'],
      ['--faint', '--paper'],
      ['--alarm', '--paper'],
      ['--alarm', '--alarm-wash'],
      ['--warm', '--paper'],
      ['--accent', '--paper'],
      ['--accent', '--sheet'],
      ['--on-accent', '--accent'],
    ] as const;
    fc.assert(
      fc.property(fc.constantFrom(day, night), colour, maybe, maybe, (base, background, text, accent) => {
        const palette = paletteOf(base, { background, text, accent });
        const of = (name: string) => parsed(palette[name]);
        for (const [front, back] of pairs) {
          const ratio = contrast(of(front), of(back));
          assert.ok(ratio >= 4.5, `${front} on ${back}: ${ratio}`);
        }
        for (const name of nameColours(palette)) {
          const ratio = contrast(name, of('--paper'));
          assert.ok(ratio >= 4.5, `a name: ${ratio}`);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('know by night from day by the background', () => {
    assert.equal(isDark(rgb('#171513')), true);
    assert.equal(isDark(rgb('#f7f3ec')), false);
    assert.equal(isDark(rgb('#ff0000')), false);
    assert.equal(isDark(rgb('#0000ff')), true);
  });
});
