/**
 * Colours for the room in its frame, out of the few that a page wishes: whatever those are, what is written can be read
 * (WCAG 2.2 AA, 4.5:1). A wished colour that cannot be read is moved as far as it must be, towards black or white. Without
 * DOM.
 */

/** Parts of red, green and blue in sRGB, 0 to 1. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** The colours of the style in use, for what is not wished. */
export interface BaseColours {
  readonly paper: Rgb;
  readonly sheet: Rgb;
  readonly ink: Rgb;
  readonly accent: Rgb;
  readonly alarm: Rgb;
  readonly warm: Rgb;
}

export interface WishedColours {
  readonly background: Rgb | undefined;
  readonly text: Rgb | undefined;
  readonly accent: Rgb | undefined;
}

const black: Rgb = [0, 0, 0];
const white: Rgb = [1, 1, 1];
/** A little more than is asked for: what is shown is rounded to 256 steps. */
const leastContrast = 4.6;
/** Leaves room for what lies a little lighter or darker on a background, and for colours that are neither black nor white. */
const groundContrast = 7;

/** Whether what is written on it is light. */
export function isDark(background: Rgb): boolean {
  return contrast(background, white) > contrast(background, black);
}

/** What of the style changes, by the names of `base.css`; nothing if nothing is wished. */
export function paletteOf(base: BaseColours, wished: WishedColours): Readonly<Record<string, string>> {
  const { background, text, accent } = wished;
  if (background === undefined && text === undefined) {
    return accent === undefined ? {} : accents(accent, [base.paper, base.sheet]);
  }
  const paper = background === undefined ? base.paper : ground(background);
  const isNight = isDark(paper);
  // Fields and cards stand out a little; what is written on the one can be read on the other.
  const sheet = background === undefined ? base.sheet : mix(paper, white, isNight ? 0.05 : 0.5);
  const grounds = [paper, sheet];
  const alarm = readable(base.alarm, grounds);
  const warm = readable(base.warm, grounds);
  const ownAccents = accents(accent ?? base.accent, grounds);
  // Washes lie under what is written: they stay near the paper.
  const wash = (colour: Rgb) => mix(paper, colour, 0.1);
  const washes = { alarm: wash(alarm), mention: wash(warm), linked: wash(accent ?? base.accent) };
  const ink = readable(text ?? base.ink, [...grounds, ...Object.values(washes)]);
  const light = nameLightness(paper, isNight);
  return {
    ...ownAccents,
    '--paper': css(paper),
    '--sheet': css(sheet),
    '--ink': css(ink),
    '--faint': css(readable(mix(ink, paper, 0.3), grounds)),
    '--rule': css(mix(paper, ink, 0.16)),
    '--alarm': css(readable(alarm, [...grounds, washes.alarm])),
    '--alarm-wash': css(washes.alarm),
    '--warm': css(warm),
    '--mention': css(washes.mention),
    '--linked': css(washes.linked),
    '--name-light': `${Math.round(light * 100)}%`,
    '--name-chroma': '0.07',
    '--avatar': `${Math.round(Math.cbrt(luminance(mix(paper, isNight ? white : black, 0.08))) * 100)}%`,
    '--avatar-chroma': '0.03',
  };
}

/** @returns the ratio of WCAG, 1 to 21 */
export function contrast(a: Rgb, b: Rgb): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

function accents(wished: Rgb, grounds: readonly Rgb[]): Record<string, string> {
  const accent = readable(wished, grounds);
  return { '--accent': css(accent), '--on-accent': css(isDark(accent) ? white : black) };
}

/** The colour, or the nearest one on its way to black or white that can be read on all of these. */
function readable(colour: Rgb, grounds: readonly Rgb[]): Rgb {
  const least = (candidate: Rgb) => Math.min(...grounds.map((ground) => contrast(candidate, ground)));
  // As far as one can go: between the grounds there may be none that is enough.
  const goal = least(white) > least(black) ? white : black;
  for (let share = 0; share < 1; share += 0.05) {
    const candidate = mix(colour, goal, share);
    if (least(candidate) >= leastContrast) return candidate;
  }
  return goal;
}

/** The background, or if it is so grey that neither black nor white stands out well, one with more of what it is. */
function ground(wished: Rgb): Rgb {
  const [own, opposite] = isDark(wished) ? [black, white] : [white, black];
  let moved = wished;
  for (let share = 0.05; contrast(moved, opposite) < groundContrast; share += 0.05)
    moved = mix(wished, own, share);
  return moved;
}

/** How light names are written, as OKLCH has it: of any hue, it is about the third root of the luminance. */
function nameLightness(paper: Rgb, isNight: boolean): number {
  const ground = luminance(paper) + 0.05;
  // Hues differ: with some room to spare.
  const least = leastContrast * 1.25;
  const limit = isNight ? ground * least - 0.05 : ground / least - 0.05;
  const light = Math.cbrt(Math.min(1, Math.max(0, limit)));
  return isNight ? Math.max(0.8, light) : Math.min(0.42, light);
}

function luminance(colour: Rgb): number {
  const [red, green, blue] = colour.map((part) =>
    part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
  ) as unknown as Rgb;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** @param share of the second, 0 to 1 */
export function mix(a: Rgb, b: Rgb, share: number): Rgb {
  const part = (i: 0 | 1 | 2) => a[i] + (b[i] - a[i]) * share;
  return [part(0), part(1), part(2)];
}

function css(colour: Rgb): string {
  return `rgb(${colour.map((part) => Math.round(part * 255)).join(' ')})`;
}
