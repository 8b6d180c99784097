/**
 * The one table of options, theme by theme. What is validated, `.env.example` and the README's table all come from here.
 *
 * The table is a function that hands each option to its argument and gathers what that returns: reading the
 * environment and rendering documentation are two such arguments, and the type of a configuration follows.
 */

import { doorOptions } from './options/doors.ts';
import { keepingOptions } from './options/keeping.ts';
import { operatingOptions } from './options/operating.ts';
import type { Option, OptionVisitor } from './options/option.ts';
import { reachOptions } from './options/reach.ts';
import { sessionOptions } from './options/sessions.ts';

export type { Option } from './options/option.ts';

export function optionTable(option: OptionVisitor) {
  return {
    ...reachOptions(option),
    ...keepingOptions(option),
    ...sessionOptions(option),
    ...doorOptions(option),
    ...operatingOptions(option),
  };
}

/** The themes of the table, each by the option with which it begins. */
export const optionThemes: ReadonlyMap<string, string> = new Map([
  ['HOST', 'Where it is reached'],
  ['LOG_LEVEL', 'What it says'],
  ['STORE_URL', 'Where it keeps what'],
  ['ROOMS', 'Rooms, and what they keep'],
  ['SESSION_TIMEOUT', 'Sessions and streams'],
  ['MAX_SESSIONS', 'How many'],
  ['MAX_LOOP_DELAY', 'Overload'],
  ['MAX_MESSAGE_BYTES', 'How much, and how often'],
  ['AUTH', 'Who comes in'],
  ['JWT_SECRET', 'Tokens and certificates'],
  ['FEED', 'Who reads, and from which pages'],
  ['ADMIN_TOKEN', 'Operating it'],
]);

/** What the table says, read. */
export type OptionValues = Readonly<ReturnType<typeof optionTable>>;

/** Every option, in the order of the table. */
export function listOptions(): readonly Option<unknown>[] {
  const options: Option<unknown>[] = [];
  optionTable((variable, type, fallback, sentence) => {
    options.push({ variable, type, fallback, sentence });
    return type.parse(fallback, variable);
  });
  return options;
}
