/** What the page says, in the language of who reads it; English outside a browser. */

import { en } from './en.ts';
import { choose, languages, type Strings } from './languages.ts';
import { speechOf } from './speech.ts';

/** Node may have a `navigator` too; its language would be a surprise. */
const wanted: readonly string[] =
  'document' in globalThis ? Reflect.get(globalThis, 'navigator').languages : [];
const tag = choose(wanted);

/** The language that is spoken: how the document is marked. */
export const language = { tag, direction: languages[tag]?.direction ?? 'ltr' };

export const strings: Strings = await load();

async function load(): Promise<Strings> {
  try {
    const speak = await languages[tag]?.load();
    if (speak !== undefined) return speak(speechOf(tag));
  } catch {
    // Its file did not come; better understood by some than by nobody.
  }
  return en(speechOf('en'));
}
