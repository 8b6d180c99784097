/**
 * How many columns of a terminal a text takes, and how it is cut into rows. Terminals disagree about joined emoji: here
 * each part of one is counted, which is the most that any of them takes. So a row may be broken early, but never too late.
 */

const ascii = /^[\x20-\x7e]*$/;
/** Unicode's East Asian Width W and F, with what lies between them; JavaScript has no property of it. */
const wide =
  /[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\u3247\u3250-\u4dff\u4e00-\ua4c6\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6b\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18dff}\u{1b000}-\u{1b2ff}\u{1f200}-\u{1f251}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const none = /[\p{Mn}\p{Me}\p{Cf}]/u;
/** Makes an emoji of the sign before, which then is wide. */
const emojiSelector = '\ufe0f';

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

export function columnsOf(text: string): number {
  if (ascii.test(text)) return text.length;
  let columns = 0;
  for (const char of text) {
    if (wide.test(char)) columns += 2;
    else if (char === emojiSelector || !none.test(char)) columns += 1;
  }
  return columns;
}

/** What people see as characters. */
export function graphemesOf(text: string): string[] {
  return ascii.test(text) ? text.split('') : Array.from(graphemes.segment(text), ({ segment }) => segment);
}

/**
 * Cuts a text into rows, between words where that can be.
 *
 * @param first columns of the first row
 * @param columns columns of every other
 */
export function wrap(text: string, first: number, columns: number): string[] {
  const rows: string[] = [];
  let row = '';
  let left = first;
  const breakRow = () => {
    rows.push(withoutSpacesBehind(row));
    row = '';
    left = columns;
  };
  const put = (piece: string, width: number) => {
    row += piece;
    left -= width;
  };
  for (const word of text.match(/ +|[^ ]+/g) ?? []) {
    const width = columnsOf(word);
    if (width <= left) put(word, width);
    else if (word.startsWith(' ')) breakRow();
    else {
      // A long address still begins on a row of its own, so that more of it stays in one piece.
      if (row !== '') breakRow();
      if (width <= left) put(word, width);
      else {
        for (const grapheme of graphemesOf(word)) {
          const size = columnsOf(grapheme);
          if (size > left && row !== '') breakRow();
          put(grapheme, size);
        }
      }
    }
  }
  rows.push(withoutSpacesBehind(row));
  return rows;
}

/** Other white space, such as that between ideographs, was said and is shown. */
function withoutSpacesBehind(row: string): string {
  return row.replace(/ +$/, '');
}
