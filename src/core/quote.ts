/** How text of a client may be repeated to a human [P-5]. */

const defaultMaxLength = 80;

// Beside what P-5 names: the quote and the backslash, which would make the escapes ambiguous; letters and
// marks that show nothing; and marks without a letter or digit below them or above a pile of four.
const unsafe = /[^\p{L}\p{N}\p{M}\p{P} ]|["\\]|\p{DI}|(?<![\p{L}\p{N}]\p{M}{0,3})\p{M}/gu;

/**
 * Text of a client in double quotes, safe in an error, a log line or a terminal: everything but letters,
 * digits, marks, punctuation and space is written as `\u{…}`.
 *
 * @param maxLength how many code points are shown at most
 * @example quote('a\u202eb') // "a\u{202e}b"
 */
export function quote(text: string, maxLength = defaultMaxLength): string {
  // A code point has at most two units: this much tells whether there are more than are shown.
  const points = [...text.slice(0, 2 * (maxLength + 1))];
  const shown = points.slice(0, maxLength).join('');
  const escaped = shown.replace(unsafe, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`);
  return points.length > maxLength ? `"${escaped}…"` : `"${escaped}"`;
}
