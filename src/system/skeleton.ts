/**
 * Look-alike folding after Unicode's UTS #39, on the confusables table that the npm package `unhomoglyph`
 * carries. It differs from the standard in what names need:
 *
 * - ASCII letters and digits stand for themselves; the standard has `m` → `rn`, `0` → `O`, `1` and `I` → `l`.
 * - It works on case-folded text, so a small letter whose capital looks like a Latin one is read as that
 *   one: Cyrillic н as h for the sake of Н. Small capitals (ʜ) come in by the same way.
 *
 * Where ASCII itself is ambiguous a look-alike needs one reading: a capital with a small letter that looks
 * like I, l or 1 is read as i, what else looks like them as l; what looks like O or 0 is read as o.
 */

import { createRequire } from 'node:module';
import { caseFold, type Skeleton } from '../core/names.ts';

const asciiLetterOrDigit = /^[0-9A-Za-z]$/;

/** Likenesses that the table lacks or, with the palochka, takes for an i. */
const additions = [
  ['ӏ', 'l'],
  ['ɴ', 'n'],
  ['ꜰ', 'f'],
] as const;

/** A line of the confusables table. */
interface Likeness {
  readonly char: string;
  readonly small: string;
  readonly prototype: string;
  /** The ASCII letter or digit, in lower case, that the prototype stands for, if it does for one. */
  readonly ascii: string | undefined;
}

let table: ReadonlyMap<string, string> | undefined;

/** Replaces every character of case-folded text by what it looks like, an ASCII letter or digit if it can. */
export const skeleton: Skeleton = (text) => {
  table ??= readTable();
  return replaceAll(text.normalize('NFD'), table).normalize('NFD');
};

function readTable(): ReadonlyMap<string, string> {
  const confusables: Record<string, string> = createRequire(import.meta.url)('unhomoglyph/data.json');
  const likenesses = Object.entries(confusables)
    .filter(([char]) => !asciiLetterOrDigit.test(char))
    .map(([char, prototype]) => ({ char, small: caseFold(char), prototype, ascii: asciiOf(prototype) }));

  const read = new Map<string, string>();
  for (const { char, prototype } of likenesses) {
    read.set(char, caseFold(prototype.replaceAll('rn', 'm')).normalize('NFD'));
  }
  for (const [char, letter] of readLetters(likenesses)) read.set(char, letter);
  // Prototypes are final in the table, but folded ones may look like something else again: Δ, but δ → ẟ.
  for (const [char, prototype] of read) read.set(char, replaceAll(prototype, read));
  return read;
}

function replaceAll(text: string, replacements: ReadonlyMap<string, string>): string {
  let replaced = '';
  for (const char of text) replaced += replacements.get(char) ?? char;
  return replaced;
}

/** The case-folded characters that are read as one ASCII letter or digit, and as which. */
function readLetters(likenesses: readonly Likeness[]): Map<string, string> {
  const letters = new Map<string, string>(additions);
  const add = (char: string, letter: string | undefined) => {
    if (letter === undefined || letters.has(char) || asciiLetterOrDigit.test(char)) return;
    letters.set(char, letter);
  };
  // What looks like it in its own shape comes first, then what only its capital looks like, and last the
  // prototypes that such a letter shares with others.
  for (const { char, small, ascii } of likenesses) {
    if (small === char) add(char, ascii);
  }
  for (const { small, prototype, ascii } of likenesses) add(small, prototype === 'l' ? 'i' : ascii);
  for (const { char, prototype, ascii } of likenesses) {
    if (ascii === undefined) add(prototype, letters.get(char));
  }
  return letters;
}

function asciiOf(prototype: string): string | undefined {
  // Nothing but an m has this prototype.
  if (prototype === 'rn') return 'm';
  return asciiLetterOrDigit.test(prototype) ? prototype.toLowerCase() : undefined;
}
