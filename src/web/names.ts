/** Names in order, and as people look for them. */

const collator = new Intl.Collator(undefined, { sensitivity: 'base', numeric: true });

/** Latin, Greek and Cyrillic accents; Hebrew and Arabic points. Marks of other scripts are part of how one spells. */
const accents = /[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0670]/g;

/** The order in which members are listed. */
export function byName(a: string, b: string): number {
  return collator.compare(a, b) || Number(a > b) - Number(a < b);
}

/** Without case, accents and compatibility forms, the same in every locale: whoever types “zoe” means Zoë too. */
export function fold(text: string): string {
  // Through capitals, so that ß is ss and all three sigmas are one.
  const capitals = text.normalize('NFKD').toLowerCase().toUpperCase();
  return capitals.toLowerCase().replaceAll('ς', 'σ').normalize('NFKD').replace(accents, '');
}
