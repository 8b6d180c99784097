/** Types of options that say who may come in. */

import { quote } from '../core/quote.ts';
import { BadValue } from './bad-value.ts';
import type { OptionType } from './option-types.ts';

/** One authenticator, as `AUTH` names it. */
export type AuthChoice = { readonly type: 'open' } | { readonly type: 'file'; readonly path: string };

const expected = 'open or file: with the path of a file, several separated by commas';

/** The authenticators, in the order in which they are asked. */
export const authChoices: OptionType<readonly AuthChoice[]> = {
  expected,
  parse(text) {
    const parts = text.split(',').map((part) => part.trim());
    const choices = [...new Set(parts)].map(parseChoice);
    const open = choices.findIndex(({ type }) => type === 'open');
    if (open >= 0 && open < choices.length - 1) {
      throw new BadValue('open to be the last, as it leaves nothing to those behind it', quote(text));
    }
    return Object.freeze(choices);
  },
};

function parseChoice(text: string): AuthChoice {
  if (text === 'open') return Object.freeze({ type: 'open' });
  const [, path] = /^file:([^\0]*[^/\0])$/.exec(text) ?? [];
  if (path === undefined) throw new BadValue(expected, quote(text));
  return Object.freeze({ type: 'file', path });
}
