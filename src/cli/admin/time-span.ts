/** Times as they are typed: `90s`, `15m`, `2h`, `7d`. */

import { quote } from '../../core/quote.ts';
import { UsageError } from '../failure.ts';

const seconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
const maxDays = 3650;

/**
 * In seconds.
 * @throws UsageError that says what was expected and what came
 */
export function timeSpan(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, number = '', unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const length = Number(number) * (seconds[unit] ?? 0);
  if (length >= 1 && length <= maxDays * 86_400) return length;
  throw new UsageError(
    `${option}: expected a time such as 90s, 15m, 2h or 7d, up to ${maxDays}d; got ${quote(text)}.`,
  );
}
