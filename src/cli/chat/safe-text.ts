/** Others' text, made safe for a terminal: nothing in it moves the cursor, colours, hides or reorders anything [P-5]. */

/** The flag that knows sequences; TypeScript lets no literal have it before ES2024. */
const sets = 'v';
/** What people are meant to see as one sign, with the joiners and selectors in it. */
const emoji = new RegExp('\\p{RGI_Emoji}', sets);
const emojiOrPoint = new RegExp('\\p{RGI_Emoji}|[\\s\\S]', `g${sets}`);
/** Beside what P-5 names, symbols: they are only signs. What is a letter or mark but shows nothing is told. */
const harmless = /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u;
const showsNothing = /^\p{DI}$/u;
const mark = /^\p{M}$/u;
/** Persian and the scripts of India write with them. */
const joiner = /^[\u200c\u200d]$/u;
const letter = /^[\p{L}\p{M}]$/u;
const space = /^\p{Zs}$/u;
const plain = /^[\x20-\x7e]*$/;
/** More marks on one letter than this climb into other lines. */
const maxMarks = 4;

/**
 * One line of others' text: everything that is no letter, digit, mark, punctuation, symbol or space is written as
 * `\u{…}`, as in the server's errors.
 *
 * @example safeLine('a\u001b[2Jb') // 'a\u{1b}[2Jb'
 */
export function safeLine(text: string): string {
  if (plain.test(text)) return text;
  let safe = '';
  let before = '';
  let marks = 0;
  // By code points; a lone surrogate is one too.
  for (const [sign] of text.replaceAll('\t', '    ').matchAll(emojiOrPoint)) {
    const isMark = mark.test(sign);
    marks = isMark ? marks + 1 : 0;
    if (isShown(sign, before, isMark, marks)) safe += sign;
    else safe += space.test(sign) ? ' ' : escaped(sign);
    before = sign;
  }
  return safe;
}

/** A text of several lines, as a message may have them; empty ones at the end and more than one in a row are dropped. */
export function safeLines(text: string): string[] {
  return text
    .trimEnd()
    .split(/\r\n|\n/)
    .map(safeLine)
    .filter((line, index, lines) => line !== '' || lines[index - 1] !== '');
}

/** JSON whose text cannot do anything to a terminal either: the same value, with more of it written as `\uXXXX`. */
export function safeJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}]/gu,
    // Beyond U+FFFF JSON writes two units.
    (char) =>
      Array.from(char.split(''), (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  );
}

function isShown(sign: string, before: string, isMark: boolean, marks: number): boolean {
  if (joiner.test(sign)) return letter.test(before);
  if (isMark && (marks > maxMarks || before === '' || space.test(before))) return false;
  return emoji.test(sign) || (harmless.test(sign) && !showsNothing.test(sign));
}

function escaped(sign: string): string {
  return `\\u{${sign.codePointAt(0)?.toString(16)}}`;
}
