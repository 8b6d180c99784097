/** How moments are shown: short in the log, full in the tooltip, always in the reader's own time. */

import { el } from '../dom.ts';

const short = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' });
const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const dayWithYear = new Intl.DateTimeFormat(undefined, { dateStyle: 'full' });

export function timeOf(timestamp: number): HTMLTimeElement {
  const date = new Date(timestamp);
  return el('time', { datetime: date.toISOString(), title: full.format(date) }, short.format(date));
}

/** The day a divider names; the year only if it is not this one. */
export function dayOf(timestamp: number): string {
  const date = new Date(timestamp);
  return (date.getFullYear() === new Date().getFullYear() ? day : dayWithYear).format(date);
}
