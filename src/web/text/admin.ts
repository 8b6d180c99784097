/** What the page of the operator says, in the language of who reads it. */

import { de } from './admin-de.ts';
import { type AdminWords, en } from './admin-en.ts';
import { chosenOf, type Speech, speechOf } from './speech.ts';

export type { AdminWords } from './admin-en.ts';

/** All of them are in the bundle: an operator has time for some kilobytes. */
export const adminLanguages: Readonly<Record<string, (speech: Speech) => AdminWords>> = { en, de };

const wanted: readonly string[] =
  // Node may have a `navigator` too; its language would be a surprise.
  'document' in globalThis ? Reflect.get(globalThis, 'navigator').languages : [];

/** The language that is spoken, as BCP 47 names it. */
export const language = chosenOf(wanted, adminLanguages);

export const words: AdminWords = (adminLanguages[language] ?? en)(speechOf(language));
