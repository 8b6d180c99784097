/**
 * Finds the links in a message. Three schemes, always written out: what would need a library is the guessing of links
 * without a scheme, which is not wanted. Text is only cut, never changed [P-5]: the parts together are the message.
 */

export interface TextPart {
  readonly text: string;
  /** Where it leads; undefined: it is plain text. */
  readonly href?: string;
}

/**
 * A scheme, then all but white space, quotes, angle brackets and what shows nothing: controls of direction would let
 * an address look like another one.
 */
const candidate = /(?:https?:\/\/|mailto:)[^\p{Z}\p{C}<>"“”«»`\\]+/giu;
/** Standing before a scheme it makes another scheme of it. To look behind is what older Safaris cannot do. */
const ofScheme = /[A-Za-z0-9+]$/;
const closing: Readonly<Record<string, string>> = {
  ')': '(',
  ']': '[',
  '}': '{',
  '）': '（',
  '」': '「',
  '』': '『',
  '】': '【',
};
const punctuation = /[.,;:!?'’*…。、，；：！？]/u;

export function partsOf(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const match of text.matchAll(candidate)) {
    const address = trimmed(match[0]);
    const href = ofScheme.test(text.slice(end, match.index)) ? undefined : hrefOf(address);
    if (href === undefined) continue;
    if (match.index > end) parts.push({ text: text.slice(end, match.index) });
    parts.push({ text: address, href });
    end = match.index + address.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end) });
  return parts;
}

/** Without the punctuation of the sentence around it, and without brackets that were opened before it. */
function trimmed(address: string): string {
  const characters = [...address];
  const counts = new Map<string, number>();
  for (const character of characters) counts.set(character, (counts.get(character) ?? 0) + 1);
  const count = (character: string) => counts.get(character) ?? 0;
  for (let last = characters.at(-1); last !== undefined; last = characters.at(-1)) {
    const opening = closing[last];
    const isStray = opening !== undefined && count(last) > count(opening);
    if (!isStray && !punctuation.test(last)) break;
    counts.set(last, count(last) - 1);
    characters.pop();
  }
  return characters.join('');
}

/** The address as the browser reads it, if it is whole. */
function hrefOf(address: string): string | undefined {
  try {
    const url = new URL(address);
    const isWhole = url.protocol === 'mailto:' ? /[^@]@[^@]/.test(url.pathname) : url.hostname !== '';
    return isWhole ? url.href : undefined;
  } catch {
    return undefined;
  }
}
