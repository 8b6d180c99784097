/** Options that are numbers. */

import { quote } from '../core/quote.ts';
import { UsageError } from './failure.ts';

/**
 * @param text what was given, if anything was
 * @throws UsageError that says what was expected and what came
 */
export function wholeNumber(option: string, text: string | undefined, max: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text) && Number(text) <= max) return Number(text);
  throw new UsageError(`${option}: expected a whole number from 0 to ${max}; got ${quote(text)}.`);
}
