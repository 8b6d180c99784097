/** What the page says, in the language of who reads it; English outside a browser. */

import { en, type Strings } from './en.ts';
import { choose, languages } from './languages.ts';
import { speechOf } from './speech.ts';

/** Node may have a `navigator` too; its language would be a surprise. */
const wanted: readonly string[] =
  'document' in globalThis ? Reflect.get(globalThis, 'navigator').languages : [];

const spoken = await load(choose(wanted));

/** The language that is spoken: how the document is marked. */
export const language = { tag: spoken.tag, direction: languages[spoken.tag]?.direction ?? 'ltr' };

export const strings: Strings = spoken.strings;

async function load(tag: string): Promise<{ readonly tag: string; readonly strings: Strings }> {
  try {
    const speak = await languages[tag]?.load();
    if (speak !== undefined) return { tag, strings: speak(speechOf(tag)) };
  } catch {
    // Its file did not come; better understood by some than by nobody.
  }
  return { tag: 'en', strings: en(speechOf('en')) };
}
