/**
 * A configuration of plain values, as an embedding application gives them: made into the texts that the environment
 * would have, so that the one table says what is valid and what the defaults are.
 */

import { quote } from '../core/quote.ts';
import { closest } from './closest.ts';
import { type Config, parseConfig } from './config.ts';
import { ConfigError } from './config-error.ts';
import { listOptions } from './options.ts';
import { plainNames } from './plain-names.ts';
import type { PlainOptions } from './plain-options.ts';

/**
 * @param given nothing that is undefined counts
 * @throws ConfigError in one line on the first option that is unknown or cannot be used
 */
export function plainConfig(given: PlainOptions): Config {
  const variables = new Map([...plainNames].map(([variable, name]) => [name, variable]));
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries<unknown>({ ...given })) {
    if (value === undefined) continue;
    const variable = variables.get(name);
    if (variable === undefined) throw unknownOption(name);
    texts[variable] = textOf(value, variable, name);
  }
  return parseConfig(texts, (variable) => ` (${plainNames.get(variable)})`);
}

function textOf(value: unknown, variable: string, name: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value) && value.every(isItem)) {
    // Empty text would be the default, which may be everybody.
    if (value.length > 0) return value.join(',');
    const words = listOptions().find((option) => option.variable === variable)?.type.words ?? [];
    if (words.some(({ word }) => word === 'none')) return 'none';
  }
  throw new ConfigError(
    `${variable} (${name}): expected a string, a number or a list of strings without commas; got ${quote(JSON.stringify(value) ?? typeof value)}.`,
  );
}

function isItem(item: unknown): boolean {
  return typeof item === 'string' && item.trim() !== '' && !item.includes(',');
}

function unknownOption(name: string): ConfigError {
  const written = name.replace(/[A-Z]/g, (letter) => `_${letter}`);
  const meant = plainNames.get(closest(written, [...plainNames.keys()]) ?? '');
  return new ConfigError(
    `Unknown option ${quote(name)} of Parlor${meant === undefined ? '.' : `; did you mean ${meant}?`}`,
  );
}
