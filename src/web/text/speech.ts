/** What a language needs to speak of numbers. */

/** Words for each number class a language tells apart, as `Intl.PluralRules` names them. */
export type Words = Readonly<Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }>;

export interface Speech {
  /** A number with the word that goes with it. */
  count(n: number, words: Words): string;
  number(n: number): string;
}

/** @param tag the language, as BCP 47 names it */
export function speechOf(tag: string): Speech {
  const plural = new Intl.PluralRules(tag);
  const format = new Intl.NumberFormat(tag);
  const number = (n: number) => format.format(n);
  return { number, count: (n, words) => `${number(n)} ${words[plural.select(n)] ?? words.other}` };
}

/**
 * The language to speak with somebody, of those there are; English else.
 *
 * @param wanted what he reads, most liked first, as `navigator.languages` has it
 * @param known those there are, by their tags
 */
export function chosenOf(wanted: readonly string[], known: object): string {
  const primary = wanted.map((tag) => tag.split('-')[0]?.toLowerCase() ?? '');
  return primary.find((tag) => Object.hasOwn(known, tag)) ?? 'en';
}
