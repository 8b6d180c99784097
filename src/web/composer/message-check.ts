/** What the server will not have, known before it is asked. It has the last word; a test holds both equal. */

const encoder = new TextEncoder();
const graphemes = 'Segmenter' in Intl ? new Intl.Segmenter() : undefined;
const maxSegmented = 20_000;

// What shows nothing makes no message.
const visible = /[^\p{White_Space}\p{DI}\u2800]/u;
const control = /[\0-\x08\x0b-\x1f\x7f-\x9f]/g;
const refused = /[\0-\x08\x0b-\x1f\x7f-\x9f]|\p{Cs}/u;

/** At the least so many bytes before the limit it is told how many are left. */
const leastWarningBytes = 100;

export function isEmpty(text: string): boolean {
  return !visible.test(text);
}

function bytesOf(text: string): number {
  return encoder.encode(text).length;
}

/** Without the control characters that no message may have: they come with what is pasted from a terminal. */
export function withoutControls(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(control, '');
}

/** The first character that no message may have, and where it stands. */
export function refusedIn(text: string): { readonly code: string; readonly index: number } | undefined {
  const found = refused.exec(text);
  if (found === null) return undefined;
  const code = (found[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return { code: `U+${code}`, index: found.index };
}

/** What is left of the length; `isExact` unless it is a guess from how long the characters so far are. */
export interface Room {
  /** How many characters more there may be; negative: so many must go. */
  readonly characters: number;
  readonly isExact: boolean;
}

/** What is left near the limit and beyond; undefined while there is plenty. */
export function roomFor(text: string, maxBytes: number): Room | undefined {
  const warningBytes = Math.max(leastWarningBytes, maxBytes / 10);
  // Three bytes a unit at the most: a short text need not be encoded.
  if (text === '' || text.length * 3 < maxBytes - warningBytes) return undefined;
  const bytes = bytesOf(text);
  const left = maxBytes - bytes;
  if (left < 0) return { characters: -charactersIn(surplusOf(text, maxBytes)), isExact: true };
  if (left >= warningBytes) return undefined;
  if (bytes === text.length) return { characters: left, isExact: true };
  return { characters: Math.floor((left * charactersIn(text)) / bytes), isExact: false };
}

/** What of a text is beyond so many bytes. */
function surplusOf(text: string, maxBytes: number): string {
  // It stops before the first character that does not fit.
  const { read } = encoder.encodeInto(text, new Uint8Array(maxBytes));
  return text.slice(read);
}

/** As people count, unless there are so many that it would take long. */
function charactersIn(text: string): number {
  if (graphemes === undefined || text.length > maxSegmented) return [...text].length;
  return [...graphemes.segment(text)].length;
}
