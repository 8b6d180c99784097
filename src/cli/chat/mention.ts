/** Whether a message speaks to somebody by name: as a whole word, in any case. */

/** A name of one letter must have an `@` before it: else every "I" and "a" would be spoken to. */
export function mentions(text: string, name: string): boolean {
  if (name === '') return false;
  const escaped = name.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&').replace(/\s+/g, '\\s+');
  // Scripts without spaces between words put letters right beside it.
  const isApart = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u.test(name);
  const [start, end] = isApart ? ['', ''] : ['(?<![\\p{L}\\p{N}\\p{M}_])', '(?![\\p{L}\\p{N}\\p{M}_])'];
  const at = [...name].length === 1 ? '@' : '';
  return new RegExp(`${start}${at}${escaped}${end}`, 'iu').test(text.normalize('NFC'));
}
