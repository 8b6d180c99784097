/** Whether a message speaks to somebody by name. */

import { partsOf } from './links.ts';

/** Scripts that put no space between words: there a name may stand right beside other letters. */
const spaceless =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const inWord = /[\p{L}\p{N}\p{M}_]/u;
const outside = '[^\\p{L}\\p{N}\\p{M}_]';

/**
 * Makes a test for one name: as a whole word, with or without `@`, in any case; outside of links. A name of one letter
 * must have the `@`: else every “I” and “a” would speak to somebody.
 */
export function mentionsOf(name: string): (text: string) => boolean {
  const shown = name.normalize('NFC').trim();
  const characters = [...shown];
  if (characters.length === 0) return () => false;
  const start = isBounded(characters[0]) ? `(?:^|${outside})` : '';
  const end = isBounded(characters.at(-1)) ? `(?:$|${outside})` : '';
  const escaped = shown.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&').replace(/\s+/g, '\\s+');
  const pattern = new RegExp(`${start}${characters.length === 1 ? '@' : ''}${escaped}${end}`, 'iu');
  return (text) => {
    const composed = text.normalize('NFC');
    // Most messages speak to somebody else: links are looked for in the others only.
    if (!pattern.test(composed)) return false;
    return partsOf(composed).some((part) => part.href === undefined && pattern.test(part.text));
  };
}

/** Whether a name that begins or ends so has to stand apart from letters beside it. */
function isBounded(character = ''): boolean {
  return inWord.test(character) && !spaceless.test(character);
}
