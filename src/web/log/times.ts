/** How moments are shown: short in the log, full in the tooltip, always in the reader's own time. */

import { el } from '../dom.ts';
import { language } from '../text/strings.ts';
import { dayNames } from './day-names.ts';
import { localeFor } from './locale.ts';

const locale = localeFor(language.tag, navigator.languages);
const short = new Intl.DateTimeFormat(locale, { timeStyle: 'short' });
const full = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'medium' });

/** The day a divider names, as it is called now. */
export const dayOf = dayNames(locale);

/** A time; `period` marks what of it can be done without in a narrow place: “PM”. */
export function timeOf(timestamp: number): HTMLTimeElement {
  const date = new Date(timestamp);
  return el(
    'time',
    { datetime: date.toISOString(), title: full.format(date) },
    ...short
      .formatToParts(date)
      .map(({ type, value }) => (type === 'dayPeriod' ? el('span', { class: 'period' }, value) : value)),
  );
}
