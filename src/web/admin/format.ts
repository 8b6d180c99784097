/** How numbers, sizes and times are written, in the language of the page. */

export interface Format {
  number(value: number): string;
  /** At most one digit behind the point, and only of small ones. */
  rate(value: number): string;
  bytes(value: number): string;
  /** Short, for an axis: 1.5M. */
  compact(value: number): string;
  milliseconds(value: number): string;
  /** Of one. */
  percent(share: number): string;
  /** How long something lasted, by its largest unit. */
  span(ms: number): string;
  /** A moment, short: with its day if that is not today. */
  moment(timestamp: number, now: number): string;
  /** A moment, whole. */
  fullMoment(timestamp: number): string;
  /** A time of the day. */
  hourAndMinute(timestamp: number): string;
  /** A time of the day, to the second. */
  timeOfDay(timestamp: number): string;
}

const steps: readonly (readonly [ms: number, unit: string])[] = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1000, 'second'],
];
const sizes: readonly (readonly [bytes: number, unit: string])[] = [
  [1e9, 'gigabyte'],
  [1e6, 'megabyte'],
  [1e3, 'kilobyte'],
];

/** @param locale as BCP 47 names it */
export function formatFor(locale: string): Format {
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const fine = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const compact = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 });
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
  const units = new Map<string, Intl.NumberFormat>();
  const withUnit = (value: number, unit: string, digits = 0) => {
    const name = `${unit}${digits}`;
    const format =
      units.get(name) ??
      new Intl.NumberFormat(locale, {
        style: 'unit',
        unit,
        unitDisplay: 'short',
        maximumFractionDigits: digits,
      });
    units.set(name, format);
    return format.format(value);
  };
  const time = new Intl.DateTimeFormat(locale, { timeStyle: 'short' });
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });
  const full = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'medium' });
  const second = new Intl.DateTimeFormat(locale, { timeStyle: 'medium' });
  return {
    number: (value) => whole.format(value),
    rate: (value) => (Math.abs(value) < 100 ? fine : whole).format(value),
    bytes: (value) => {
      // Written out it would be a word in some languages.
      if (Math.abs(value) < 1000) return `${whole.format(value)} B`;
      const [size, unit] = sizes.find(([least]) => Math.abs(value) >= least) ?? [1000, 'kilobyte'];
      const amount = value / size;
      return withUnit(amount, unit, Math.abs(amount) < 10 ? 1 : 0);
    },
    compact: (value) => compact.format(value),
    milliseconds: (value) => withUnit(value, 'millisecond', value < 10 ? 1 : 0),
    percent: (share) => percent.format(share),
    span: (ms) => {
      const [step, unit] = steps.find(([least]) => ms >= least) ?? [1000, 'second'];
      return withUnit(Math.max(0, Math.floor(ms / step)), unit);
    },
    moment: (timestamp, now) =>
      (new Date(timestamp).toDateString() === new Date(now).toDateString() ? time : day).format(timestamp),
    fullMoment: (timestamp) => full.format(timestamp),
    hourAndMinute: (timestamp) => time.format(timestamp),
    timeOfDay: (timestamp) => second.format(timestamp),
  };
}
