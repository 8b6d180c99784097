/** An option as the table has it. */

import type { OptionType } from '../option-types.ts';

export interface Option<T> {
  /** The environment variable. */
  readonly variable: string;
  readonly type: OptionType<T>;
  /** As it would be written in the environment; empty if it is not set. */
  readonly fallback: string;
  /** One sentence on what it does. */
  readonly sentence: string;
}

/** What the table does with each option. */
export type OptionVisitor = <T>(
  variable: string,
  type: OptionType<T>,
  fallback: string,
  sentence: string,
) => T;
