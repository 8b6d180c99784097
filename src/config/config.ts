/** What the server runs with: the values of all options, and what follows from several of them together. */

import { quote } from '../core/quote.ts';
import { BadValue } from './bad-value.ts';
import { ConfigError } from './config-error.ts';
import { contradictions } from './contradictions.ts';
import { hideInUrls } from './hiding.ts';
import { type OptionValues, optionTable } from './options.ts';

/**
 * A frozen configuration. A count without limit is `Infinity`; a limit or timeout that is off is null.
 * `heartbeatMs` is the effective one, which clients are told [SES-7].
 */
export interface Config extends OptionValues {
  readonly feed: NonNullable<OptionValues['feed']>;
  /** The room whose page is at `/`. */
  readonly frontRoom: string;
  /** The longest body that is read: the longest message still fits, however it is escaped. */
  readonly bodyLimitBytes: number;
}

/** Names of options with their texts. */
export type OptionTexts = Readonly<Record<string, string | undefined>>;

const usualRoom = 'lobby';
const leastBodyLimitBytes = 16 * 1024;

/** Told of what cannot be used: throws it, or keeps it to go on with the next. */
export type OnConfigError = (error: ConfigError) => void;

export const throwConfigError: OnConfigError = (error) => {
  throw error;
};

/**
 * Makes a configuration of texts; those of unknown names are passed over, and an empty one is as good as none.
 *
 * @param texts for example `process.env`
 * @param placeOf where an option's text comes from, as a remark for the error: ` in .env`
 * @param onError if it goes on, the default stands for what cannot be used
 * @throws ConfigError on the first option that cannot be used, unless `onError` does something else with it
 */
export function parseConfig(
  texts: OptionTexts,
  placeOf: (variable: string) => string = () => '',
  onError: OnConfigError = throwConfigError,
): Config {
  const unusable = new Set<string>();
  const values: OptionValues = optionTable((variable, type, fallback) => {
    const text = texts[variable]?.trim() || fallback;
    try {
      return type.parse(text, variable);
    } catch (error) {
      if (!(error instanceof BadValue)) throw error;
      // What is wrong with one item of a list is told as it is; else the words belong to what is expected.
      const words = error.came === undefined ? (type.words ?? []).map(({ word }) => `, or ${word}`) : [];
      const expected = `${error.expected}${words.join('')}`;
      unusable.add(variable);
      onError(
        new ConfigError(
          `${variable}${placeOf(variable)}: expected ${expected}; got ${error.came ?? quote(hideInUrls(text))}.`,
        ),
      );
      return type.parse(fallback, variable);
    }
  });
  for (const { between, message } of contradictions(values)) {
    // What contradicts a default that stands for something else may be no contradiction.
    if (!between.some((variable) => unusable.has(variable))) onError(new ConfigError(message));
  }
  const { heartbeatMs, sessionTimeoutMs, maxMessageBytes } = values;
  return Object.freeze({
    ...values,
    feed: values.feed ?? (values.auth.every(({ type }) => type === 'open') ? 'public' : 'members'),
    frontRoom: values.rooms === '*' ? usualRoom : (values.rooms[0] ?? usualRoom),
    heartbeatMs:
      sessionTimeoutMs === null ? heartbeatMs : Math.min(heartbeatMs, Math.floor(sessionTimeoutMs / 4)),
    // JSON may write each byte of a message as `\u00xx`; the rest is room for the other members.
    bodyLimitBytes: Math.max(leastBodyLimitBytes, 6 * maxMessageBytes + 1024),
  });
}
