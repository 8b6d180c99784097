/** Reads `.env`, strictly: what a line meant to say is either understood or complained about. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { codeOf } from '../core/errors.ts';
import { quote } from '../core/quote.ts';
import { whyUnreadable } from '../core/unreadable.ts';
import { closest } from './closest.ts';
import { type OnConfigError, type OptionTexts, throwConfigError } from './config.ts';
import { ConfigError } from './config-error.ts';

/** A blank line, a comment or an assignment, whose value may be in quotes and then have several lines. */
const entry =
  /[^\S\n]*(?:#[^\n]*|(?:export\s+)?[\w.-]+[^\S\n]*=[^\S\n]*(?:"[^"]*"|'[^']*'|`[^`]*`|[^\n]*)[^\n]*)?(?:\n|$)/y;

/** A # that ends a value in the middle of a word: a secret may have one, and would be cut without a word. */
const cutValue = /^\s*(?:export\s+)?([\w.-]+)[^\S\n]*=[^\S\n]*(?!["'`])[^\n#]*[^\s#=]#/;

/**
 * @param directory where `.env` is; without the file there are no texts
 * @param known the names that are options
 * @param warn is told, in one line, of a name that is none
 * @param onError told if the file cannot be read, of each line that is no assignment or is one in doubt, and of each misspelt option
 * @throws ConfigError on the first of these, unless `onError` does something else with it
 */
export function readEnvFile(
  directory: string,
  known: readonly string[],
  warn: (line: string) => void,
  onError: OnConfigError = throwConfigError,
): OptionTexts {
  const content = readIfThere(join(directory, '.env'), onError);
  if (content === undefined) return {};
  const texts = parseEnv(checkedLines(content, onError));
  for (const name of Object.keys(texts)) {
    if (known.includes(name)) continue;
    const meant = closest(name, known);
    if (meant === undefined) warn(`${quote(name)} in .env is not an option and was ignored.`);
    else onError(new ConfigError(`Unknown option ${quote(name)} in .env; did you mean ${meant}?`));
  }
  return texts;
}

function readIfThere(path: string, onError: OnConfigError): string | undefined {
  try {
    return readFileSync(path, 'utf8')
      .replace(/^\uFEFF/, '')
      .replaceAll('\r\n', '\n');
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') {
      const why = whyUnreadable(path, error, process.cwd());
      onError(new ConfigError(`.env cannot be read (${why}): ${quote(path)}.`, { cause: error }));
    }
    return undefined;
  }
}

/** `parseEnv` passes over lines it does not understand; a mistyped option would be lost without a word. */
function checkedLines(content: string, onError: OnConfigError): string {
  const entries: string[] = [];
  entry.lastIndex = 0;
  while (entry.lastIndex < content.length) {
    const start = entry.lastIndex;
    if (entry.test(content)) {
      const text = content.slice(start, entry.lastIndex);
      entries.push(text);
      const [, cut] = cutValue.exec(text) ?? [];
      if (cut !== undefined)
        onError(new ConfigError(`${quote(cut)} in .env: a # is in its value; put that in quotes.`));
      continue;
    }
    const number = content.slice(0, start).split('\n').length;
    const [line = ''] = content.slice(start).split('\n', 1);
    // What stands behind the name may be a secret, and so may a line without one.
    const [, name] = /^\s*([A-Z][A-Z0-9_]*)\s*:/.exec(line) ?? [];
    const came = name === undefined ? 'no name with = behind it' : quote(`${name}:`);
    onError(new ConfigError(`Line ${number} of .env: expected NAME=value; got ${came}.`));
    entry.lastIndex = start + line.length + 1;
  }
  return entries.join('');
}
