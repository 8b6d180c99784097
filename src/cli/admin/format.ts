/** How times, sizes and spans are written in tables: short, and the same in every language. */

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** How long something lasts, by its largest unit: `90s` is `1m`. */
export function span(ms: number): string {
  // Where clocks differ a little, what has just happened is still to come.
  const length = Math.max(0, ms);
  if (length < minute) return `${Math.floor(length / second)}s`;
  if (length < hour) return `${Math.floor(length / minute)}m`;
  if (length < 2 * day) return `${Math.floor(length / hour)}h`;
  return `${Math.floor(length / day)}d`;
}

/** A moment where one is, to the minute: `2026-11-21 09:30`. */
export function moment(timestamp: number): string {
  const date = new Date(timestamp);
  if (Number.isNaN(date.getTime())) return 'unknown';
  const parts = [date.getMonth() + 1, date.getDate(), date.getHours(), date.getMinutes()];
  const [month, dayOfMonth, hours, minutes] = parts.map((part) => String(part).padStart(2, '0'));
  return `${date.getFullYear()}-${month}-${dayOfMonth} ${hours}:${minutes}`;
}

/** `1.5 MB`: three digits at the most. */
export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let amount = bytes;
  let unit = 0;
  while (amount >= 999.5 && unit < units.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  return `${unit > 0 && amount < 9.95 ? amount.toFixed(1) : Math.round(amount)} ${units[unit]}`;
}

/** `1 room`, `2 rooms` */
export function count(number: number, one: string): string {
  return `${number} ${one}${number === 1 ? '' : 's'}`;
}
