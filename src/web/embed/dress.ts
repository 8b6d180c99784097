/** Dresses the frame as the page around it wishes: what is no colour, font or length is passed over. */

import { type BaseColours, isDark, mix, paletteOf, type Rgb } from './palette.ts';
import type { Look, Scheme } from './talk.ts';

/** What would fetch something, or be something else elsewhere. */
const foreign = /(?:url|image|src|image-set|var|env|attr)\s*\(|[;{}\\]|\/\*/i;
const length = /^\d{1,3}(?:\.\d{1,3})?(?:px|rem|em)?$/;
const bases = ['paper', 'sheet', 'ink', 'accent', 'alarm', 'warm'] as const;

/** Those of the style's rules that are for one scheme, and for which. */
let schemeRules: (readonly [rule: CSSMediaRule, scheme: Scheme])[] | undefined;
/** What was set for the look before. */
let dressed: readonly string[] = [];

export function dress(look: Look): void {
  const root = document.documentElement;
  for (const name of dressed) root.style.removeProperty(name);
  const style = getComputedStyle(root);
  const ownColour = (name: string) => colourOf(style.getPropertyValue(`--${name}`).trim());
  setScheme(look.scheme);
  const background = colourOf(look.background, ownColour('paper'));
  if (background !== undefined) setScheme(isDark(background) ? 'dark' : 'light');
  const base = Object.fromEntries(bases.map((name) => [name, ownColour(name)]));
  if (!isWhole(base)) return;
  const wished = (text: string) => colourOf(text, background ?? base.paper);
  const own: Record<string, string> = {
    ...paletteOf(base, { background, text: wished(look.text), accent: wished(look.accent) }),
  };
  if (isOf('font-family', look.font)) own['--sans'] = look.font;
  const radius = look.radius === '0' ? '0px' : look.radius;
  // Larger ones, wished for the frame, would make pills of its fields.
  if (length.test(radius) && isOf('border-radius', radius)) own['--radius'] = `min(${radius}, 1rem)`;
  for (const [name, value] of Object.entries(own)) root.style.setProperty(name, value);
  dressed = Object.keys(own);
}

/** @param scheme empty: as the browser's user has it */
function setScheme(scheme: Scheme | ''): void {
  schemeRules ??= [...document.styleSheets].flatMap((sheet) =>
    [...sheet.cssRules].flatMap((rule) => {
      if (!(rule instanceof CSSMediaRule)) return [];
      const [, of] = /^\(prefers-color-scheme: (light|dark)\)$/.exec(rule.conditionText) ?? [];
      return of === 'light' || of === 'dark' ? [[rule, of] as const] : [];
    }),
  );
  for (const [rule, of] of schemeRules) {
    const isOn = scheme === of ? 'all' : 'not all';
    rule.media.mediaText = scheme === '' ? `(prefers-color-scheme: ${of})` : isOn;
  }
  document.documentElement.style.colorScheme = scheme;
}

/**
 * As the browser reads it; undefined: it is no colour.
 *
 * @param behind shines through where it is not solid
 */
function colourOf(text: string, behind: Rgb = [0, 0, 0]): Rgb | undefined {
  if (!isOf('color', text)) return undefined;
  const probe = document.body.appendChild(document.createElement('span'));
  // Mixed with itself it is told in sRGB, however it was written.
  probe.style.color = `color-mix(in srgb, ${text}, ${text})`;
  const told = getComputedStyle(probe).color;
  probe.remove();
  const [, parts = '', opacity = 1] = /^color\(srgb ([^/)]+)(?:\/ ([^)]+))?/.exec(told) ?? [];
  const [red, green, blue] = parts
    .trim()
    .split(/\s+/)
    .map((part) => Math.min(1, Math.max(0, Number(part))));
  if (red === undefined || green === undefined || blue === undefined) return undefined;
  return mix(behind, [red, green, blue], Number(opacity));
}

function isOf(property: string, text: string): boolean {
  return text !== '' && !foreign.test(text) && CSS.supports(property, text);
}

function isWhole(base: Readonly<Record<string, Rgb | undefined>>): base is Record<keyof BaseColours, Rgb> {
  return bases.every((name) => base[name] !== undefined);
}
