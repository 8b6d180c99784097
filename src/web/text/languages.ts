/**
 * The languages the page speaks. One more is a file of the shape of `en.ts` and a line here; it is loaded only where it
 * is wanted.
 */

import { en, type Strings } from './en.ts';
import { chosenOf, type Speech } from './speech.ts';

interface Language {
  readonly direction: 'ltr' | 'rtl';
  load(): Promise<(speech: Speech) => Strings>;
}

export const languages: Readonly<Record<string, Language>> = {
  en: { direction: 'ltr', load: async () => en },
  de: { direction: 'ltr', load: async () => (await import('./de.ts')).de },
};

/**
 * The language to speak with somebody.
 *
 * @param wanted what he reads, most liked first, as `navigator.languages` has it
 */
export function choose(wanted: readonly string[]): string {
  return chosenOf(wanted, languages);
}
