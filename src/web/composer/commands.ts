/** What a text that begins with a slash means. */

export type Wish =
  | { readonly type: 'say'; readonly text: string }
  | { readonly type: 'leave' | 'help' }
  /** Nothing of this name can be done. */
  | { readonly type: 'unknown'; readonly command: string }
  /** `/leave` and `/help` stand alone. */
  | { readonly type: 'surplus'; readonly command: string }
  /** `/me` does not: somebody does something. */
  | { readonly type: 'nothing-done' };

/** A word alone: paths, such as `/etc/passwd`, and comments of code are said as they are. */
const command = /^\/(\p{L}[\p{L}\p{N}_-]*)(?:\s+(.*))?$/su;
/** More slashes than one; `//me` is said as it is, for with one slash it would be shown as done. */
const escaped = /^\/(?=\/+(?!me(?:\s|$))\p{L}[\p{L}\p{N}_-]*(?:\s|$))/iu;

export function wishOf(text: string): Wish {
  const [, typed, rest = ''] = command.exec(text) ?? [];
  if (typed === undefined) return { type: 'say', text: text.replace(escaped, '') };
  const word = typed.toLowerCase();
  const isAlone = rest.trim() === '';
  switch (word) {
    case 'me':
      return isAlone ? { type: 'nothing-done' } : { type: 'say', text: `/me ${rest}` };
    case 'leave':
    case 'help':
      return isAlone ? { type: word } : { type: 'surplus', command: `/${word}` };
    default:
      return { type: 'unknown', command: `/${typed}` };
  }
}

/** What is to be typed so that this is said. */
export function typedFor(text: string): string {
  const wish = wishOf(text);
  return wish.type === 'say' && wish.text === text ? text : `/${text}`;
}
