/**
 * The kinds of values that options have: how each is read from text, and how it is told to a human. A type
 * either returns the value or throws `BadValue`; who knows the option's name makes one line of it.
 */
import type { RateLimit } from '../core/errors.ts';
import { quote } from '../core/quote.ts';
import { BadValue } from './bad-value.ts';
import { hideAll, hideInUrls } from './hiding.ts';

/** How the text of an option becomes its value. */
export interface OptionType<T> {
  /** What a value must be, its words apart: ends the sentence "expected …". */
  readonly expected: string;
  /** Words that stand for a value, such as `off`, each with what it means as a half-sentence. */
  readonly words?: readonly { readonly word: string; readonly meaning: string }[];
  /** What an embedding application gives, as a type in TypeScript, words apart; a string if nothing is said. */
  readonly plain?: string;
  /** What of a text may be shown; all of it if there is nothing to hide. */
  readonly hide?: (text: string) => string;
  /**
   * @param text trimmed; empty only if the option's default is
   * @param variable the option's environment variable
   * @throws BadValue
   */
  parse(text: string, variable: string): T;
}

const decimal = /^[0-9]{1,15}(?:\.[0-9]{1,6})?$/;
const digits = /^[0-9]{1,15}$/;
const byteUnits: Readonly<Record<string, number>> = { '': 1, kib: 2 ** 10, mib: 2 ** 20, gib: 2 ** 30 };

export function wholeNumber(min: number, max: number): OptionType<number> {
  const expected = `a whole number from ${min} to ${max}`;
  return {
    expected,
    plain: 'number',
    parse(text) {
      const value = digits.test(text) ? Number(text) : Number.NaN;
      if (!(value >= min && value <= max)) throw new BadValue(expected);
      return value;
    },
  };
}

/** A length of time; the value is in milliseconds, rounded to whole ones. */
export function duration(unit: 'seconds' | 'hours', min: number, max: number): OptionType<number> {
  const expected = `a number of ${unit} from ${min} to ${max}`;
  return {
    expected,
    plain: 'number',
    parse(text) {
      const value = decimal.test(text) ? Number(text) : Number.NaN;
      if (!(value >= min && value <= max)) throw new BadValue(expected);
      return Math.round(value * (unit === 'hours' ? 3_600_000 : 1000));
    },
  };
}

/** An amount of bytes: plain, or with a unit of the table above. */
export function bytes(min: string, max: string): OptionType<number> {
  const expected = `a number of bytes from ${min} to ${max}, such as 65536 or 64KiB`;
  return {
    expected,
    plain: 'number | string',
    parse(text) {
      const value = countBytes(text);
      if (!(value >= countBytes(min) && value <= countBytes(max))) throw new BadValue(expected);
      return value;
    },
  };
}

function countBytes(text: string): number {
  const [, amount = '', unit = ''] = /^([0-9]{1,15}) ?([a-z]{0,3})$/i.exec(text) ?? [];
  const factor = amount === '' ? undefined : byteUnits[unit.toLowerCase()];
  return factor === undefined ? Number.NaN : Number(amount) * factor;
}

/** Any text that fits on a line. */
export const text: OptionType<string> = {
  expected: 'a text without control characters',
  parse(value) {
    if (/\p{Cc}/u.test(value)) throw new BadValue(text.expected);
    return value;
  },
};

/** Whether there is such a file, and whether it can be used, is seen when it is read. */
export const path: OptionType<string> = {
  expected: 'the path of a file',
  parse(value) {
    // Where only the environment can be set, a key itself is soon given. It must not be told.
    if (value.includes('-----BEGIN')) throw new BadValue(path.expected, 'what is to stand in it');
    if (value.endsWith('/') || /\p{Cc}/u.test(value)) throw new BadValue(path.expected);
    return value;
  },
};

/** A secret that fits into a header. What came is told by its length alone. */
export function headerSecret(minLength: number): OptionType<string> {
  const expected = `a secret of ${minLength} to 256 visible ASCII characters, such as of \`openssl rand -base64 32\``;
  return {
    expected,
    hide: hideAll,
    parse(text) {
      if (text.length < minLength) throw new BadValue(expected, `only ${text.length}`);
      if (text.length > 256 || !/^[\x21-\x7e]*$/.test(text)) throw new BadValue(expected, 'others');
      return text;
    },
  };
}

export function choice<const T extends string>(...words: readonly T[]): OptionType<T> {
  const expected = words.length === 1 ? `${words[0]}` : `one of ${words.join(', ')}`;
  return {
    expected,
    plain: words.map((word) => `'${word}'`).join(' | '),
    parse(text) {
      const word = words.find((candidate) => candidate === text);
      if (word === undefined) throw new BadValue(expected);
      return word;
    },
  };
}

/** `20/10`: 20 per 10 seconds. */
export function rateLimit(): OptionType<RateLimit> {
  const expected = 'a limit such as 20/10 (20 per 10 seconds)';
  return {
    expected,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a type in TypeScript
    plain: '`${number}/${number}`',
    parse(text, option) {
      const [amount = '', per = '', ...rest] = text.split('/');
      const count = digits.test(amount) ? Number(amount) : Number.NaN;
      const seconds = decimal.test(per) ? Number(per) : Number.NaN;
      const isSane = count >= 1 && count <= 1e6 && seconds >= 0.1 && seconds <= 86_400;
      if (!isSane || rest.length > 0) throw new BadValue(expected);
      return Object.freeze({ option, count, seconds });
    },
  };
}

/** `20`: so many within a minute. */
export function countPerMinute(max: number): OptionType<RateLimit> {
  const count = wholeNumber(1, max);
  return {
    expected: count.expected,
    plain: 'number',
    parse: (text, option) => Object.freeze({ option, count: count.parse(text, option), seconds: 60 }),
  };
}

/** Items between commas, without repetition, in their order. Empty text is an empty list. */
export function list(item: OptionType<string>, several: string): OptionType<readonly string[]> {
  const expected = `${several}, separated by commas`;
  return {
    expected,
    plain: 'readonly string[] | string',
    parse(text, variable) {
      const items = text === '' ? [] : text.split(',').map((part) => part.trim());
      const values = items.map((part) => {
        try {
          return item.parse(part, variable);
        } catch (error) {
          // In a list of many the culprit is told, not the list.
          if (error instanceof BadValue)
            throw new BadValue(error.expected, error.came ?? quote(hideInUrls(part)));
          throw error;
        }
      });
      return Object.freeze([...new Set(values)]);
    },
  };
}

/** A type that also understands one more word, which stands for `value`. */
export function orWord<T, const V>(
  type: OptionType<T>,
  word: string,
  value: V,
  meaning: string,
): OptionType<T | V> {
  return {
    expected: type.expected,
    words: [...(type.words ?? []), { word, meaning }],
    plain: `${type.plain ?? 'string'} | '${word}'`,
    ...(type.hide && { hide: type.hide }),
    parse: (text, variable) => (text === word ? value : type.parse(text, variable)),
  };
}

/** A type with an off switch. */
export function orOff<T, const V>(type: OptionType<T>, value: V, meaning: string): OptionType<T | V> {
  return orWord(type, 'off', value, meaning);
}

/** A type of an option that need not be set: then its value is null. */
export function optional<T>(type: OptionType<T>): OptionType<T | null> {
  return { ...type, parse: (text, variable) => (text === '' ? null : type.parse(text, variable)) };
}
