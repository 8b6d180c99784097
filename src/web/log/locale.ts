/** How dates and times are written for a reader. */

/**
 * The language that is spoken, as the reader's country has it: British and American English differ in more than words.
 *
 * @param language that is spoken, as BCP 47 names it
 * @param wanted as `navigator.languages` has it
 */
export function localeFor(language: string, wanted: readonly string[]): string {
  const sameLanguage = wanted.find((tag) => tag.split('-')[0]?.toLowerCase() === language && isLocale(tag));
  return sameLanguage ?? language;
}

/** A system without a locale gives its browser names such as `en-US@posix`, which Intl will not have. */
export function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length > 0;
  } catch {
    return false;
  }
}
