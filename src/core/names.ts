/**
 * What a name may be, and when two names are the same. Which code points are letters, marks or unassigned
 * is what the JavaScript engine's version of Unicode says: a newer Node knows more letters.
 */

import { ChatError } from './errors.ts';
import { quote } from './quote.ts';

/** Replaces every character by the one it looks like; passed in, for the table comes from an npm package. */
export type Skeleton = (text: string) => string;

// Four code points of two units compose to one at most: nothing longer can have an acceptable length.
const maxUnitsPerCharacter = 8;

const plain = /^[A-Za-z0-9][\w.'-]*$/;
const ascii = /^[\0-\x7f]*$/;
const illFormed = /\p{Cs}/u;
// Letter numbers are written as letters are (〇 in Chinese names). Letters and marks that show nothing
// (Hangul fillers, variation selectors) would make names that only a machine can tell apart.
const foreign = /[^\p{L}\p{Nl}\p{Nd}\p{M} \-_.']|\p{DI}/u;
const strayMark = /(?<![\p{L}\p{Nl}\p{Nd}]\p{M}{0,3})\p{M}/u;
const letterOrDigit = /[\p{L}\p{Nl}\p{Nd}]/u;

/**
 * Checks a name and gives it as it is shown: as typed, but in NFC, with white space at the ends removed
 * and inner runs of it made one space.
 *
 * @param limits `maxLength`: how many code points the shown name may have
 * @throws ChatError `invalid-name`, saying what was expected and what came
 */
export function validateName(input: string, limits: { maxLength: number }): string {
  const { maxLength } = limits;
  if (input.length <= maxLength && plain.test(input)) return input;
  if (input.length > maxLength * maxUnitsPerCharacter) throw wrongLength(input, maxLength);

  const surrogate = illFormed.exec(input)?.[0];
  if (surrogate !== undefined) {
    throw invalid(`A name is well-formed Unicode; this one has the lone surrogate ${quote(surrogate)}.`);
  }
  // Not `trim`, which would also let control characters pass at the ends.
  const shown = input
    .normalize('NFC')
    .replace(/\p{Zs}+/gu, ' ')
    .replace(/^ | $/g, '');
  if (shown === '' || lengthOf(shown) > maxLength) throw wrongLength(shown, maxLength);

  const stranger = foreign.exec(shown)?.[0];
  if (stranger !== undefined) {
    throw invalid(`A name has letters, digits, spaces, -, _, . and '; this one has ${quote(stranger)}.`);
  }
  if (strayMark.test(shown.normalize('NFD'))) {
    const rule = 'A name has combining marks on letters and digits only, at most 4 on each';
    throw invalid(`${rule}; this one is ${quote(shown.normalize('NFD'))}.`);
  }
  if (!letterOrDigit.test(shown)) {
    throw invalid(`A name has at least one letter or digit; ${quote(shown)} has none.`);
  }
  return shown;
}

/**
 * What two names have in common exactly if they are the same: if they agree once case, compatibility forms
 * and look-alikes are folded. ASCII letters and digits are folded for case only.
 *
 * @param shown a name as `validateName` gives it
 */
export function nameKey(shown: string, skeleton: Skeleton): string {
  if (ascii.test(shown)) return shown.toLowerCase();
  // The lunate sigma is a likeness of c, which its compatibility form, a plain sigma, would hide.
  const typed = readGreek(shown.replace(/[ϲϹ]/g, 'c').normalize('NFKD'));
  const key = caseFold(skeleton(caseFold(typed)));
  // A dot above an i or j is not to be seen. It is also what folding leaves of a Turkish İ.
  return key.replace(/(?<=[ij]\p{M}*)\u0307/gu, '');
}

/**
 * Full case folding, the same in every locale: ß, ẞ and SS become ss, all three sigmas σ. It goes through
 * capitals, for small letters that share one would otherwise stay apart.
 */
export function caseFold(text: string): string {
  return text.toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ');
}

/**
 * Two Greek letters look like one Latin letter when capital and like another when small: Ν and ν, Υ and υ.
 * No folding of case serves both. In a word with Latin letters, where they can only be meant to deceive,
 * each is read as typed; in others both cases are read as the capital, which is the exact likeness.
 */
function readGreek(text: string): string {
  return text.replace(/[\p{L}\p{M}]+/gu, (word) => {
    const ambiguous = /\p{Script=Latin}/u.test(word) ? /[ΝΥ]/g : /[ΝΥνυ]/g;
    return word.replace(ambiguous, (letter) => ('Νν'.includes(letter) ? 'n' : 'y'));
  });
}

function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length++;
  return length;
}

function wrongLength(name: string, maxLength: number): ChatError {
  return invalid(`A name has 1 to ${maxLength} characters; this one has ${lengthOf(name)}.`);
}

function invalid(detail: string): ChatError {
  return new ChatError('invalid-name', detail);
}
