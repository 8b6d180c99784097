/** What a day is called: “Today”, “Yesterday”, else its date; the year only if it is not this one. */

/** @param locale as BCP 47 names it */
export function dayNames(locale: string): (timestamp: number, now?: number) => string {
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const day = new Intl.DateTimeFormat(locale, { weekday: 'long', day: 'numeric', month: 'long' });
  const dayWithYear = new Intl.DateTimeFormat(locale, { dateStyle: 'full' });
  return (timestamp, now = Date.now()) => {
    const ago = dayNumber(now) - dayNumber(timestamp);
    if (ago === 0 || ago === 1) return capitalised(relative.format(-ago, 'day'), locale);
    const isThisYear = new Date(timestamp).getFullYear() === new Date(now).getFullYear();
    return (isThisYear ? day : dayWithYear).format(timestamp);
  };
}

/** How long it takes until days are called otherwise. */
export function msToMidnight(now: number): number {
  return new Date(now).setHours(24, 0, 0, 0) - now;
}

/** Counts days where the reader is; those with a change of the clock are as long as others. */
function dayNumber(timestamp: number): number {
  const date = new Date(timestamp);
  return Math.floor(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86_400_000);
}

function capitalised(text: string, locale: string): string {
  const [first = '', ...rest] = text;
  return first.toLocaleUpperCase(locale) + rest.join('');
}
