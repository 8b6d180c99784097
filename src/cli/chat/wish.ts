/** What a typed line means. */

export type Wish =
  | { readonly type: 'say'; readonly text: string }
  | { readonly type: 'leave' | 'help' | 'who' | 'nothing' }
  /** What is to be told about it: it is no command, or not like this. */
  | { readonly type: 'wrong'; readonly detail: string };

/** A word alone: paths, such as `/etc/passwd`, are said as they are. */
const command = /^\/(\p{L}[\p{L}\p{N}_-]*)(?:\s+(.*))?$/su;
const escaped = /^\/(?=\/\p{L}[\p{L}\p{N}_-]*(?:\s|$))/u;

/** The commands, with what each does. */
export const wishes: readonly (readonly [command: string, does: string])[] = [
  ['/me waves', 'says what you do'],
  ['/who', 'lists who is here'],
  ['/leave', 'leaves the room, as Ctrl+C does'],
  ['/help', 'prints this'],
  ['//text', 'says /text'],
];

export function wishOf(text: string): Wish {
  if (text.trim() === '') return { type: 'nothing' };
  const [, typed, rest = ''] = command.exec(text.trimEnd()) ?? [];
  if (typed === undefined) return { type: 'say', text: text.replace(escaped, '') };
  const word = typed.toLowerCase();
  switch (word) {
    case 'me':
      return rest === ''
        ? { type: 'wrong', detail: '/me needs what you do, as in: /me waves' }
        : { type: 'say', text: `/me ${rest}` };
    case 'leave':
    case 'help':
    case 'who':
      return rest === '' ? { type: word } : { type: 'wrong', detail: `/${word} stands alone` };
    default:
      return { type: 'wrong', detail: `there is no command /${typed}; /help lists them, //${typed} says it` };
  }
}
