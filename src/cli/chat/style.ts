/** What is set off on the terminal, and how: by colours, by weight alone, or not at all. */

import { getColorDepth } from './colour-depth.ts';

/** Control sequences around a text that has none itself. */
export interface Style {
  /** A member's name, in a colour that stays with it. */
  name(name: string): string;
  strong(text: string): string;
  quiet(text: string): string;
}

const plain: Style = { name: (text) => text, strong: (text) => text, quiet: (text) => text };

/**
 * Of the 256 colours those whose contrast with white and with black is 4 to 1 at the least: nobody knows how dark a
 * terminal is.
 */
export const colours256: readonly number[] = [27, 28, 30, 31, 64, 98, 129, 130, 131, 132, 161, 164];
/** Of the first sixteen, which look as the terminal's owner chose, those that are neither black, white nor yellow. */
const colours16: readonly number[] = [31, 32, 34, 35, 36];

/**
 * @param output what is printed to
 * @param environment `NO_COLOR`, `FORCE_COLOR`, `TERM` and what else Node looks at
 */
export function styleOf(output: { readonly isTTY?: boolean }, environment: NodeJS.ProcessEnv): Style {
  const depth = getColorDepth(output, environment);
  const isDumb = environment.TERM === 'dumb' && !environment.FORCE_COLOR;
  if (depth === 1 && (!output.isTTY || isDumb)) return plain;
  const around = (code: string) => (text: string) => `\u001b[${code}m${text}\u001b[0m`;
  const strong = around('1');
  return {
    strong,
    quiet: around('2'),
    name: (name) => {
      if (depth === 1) return strong(name);
      const code = depth < 8 ? pick(name, colours16) : `38;5;${pick(name, colours256)}`;
      return around(`1;${code}`)(name);
    },
  };
}

/** The same colour for a name everywhere, in whichever case it is written. */
function pick(name: string, colours: readonly number[]): number {
  let hash = 0;
  for (const char of name.toLowerCase()) hash = (Math.imul(hash, 31) + (char.codePointAt(0) ?? 0)) >>> 0;
  return colours[(Math.imul(hash, 2654435761) >>> 8) % colours.length] ?? 0;
}
