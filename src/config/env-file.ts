/** Reads `.env`, strictly: what a line meant to say is either understood or complained about. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { codeOf } from '../core/errors.ts';
import { quote } from '../core/quote.ts';
import { closest } from './closest.ts';
import type { OptionTexts } from './config.ts';
import { ConfigError } from './config-error.ts';

/** A blank line, a comment or an assignment, whose value may be in quotes and then have several lines. */
const entry =
  /[^\S\n]*(?:#[^\n]*|(?:export\s+)?[\w.-]+[^\S\n]*=[^\S\n]*(?:"[^"]*"|'[^']*'|`[^`]*`|[^\n]*)[^\n]*)?(?:\n|$)/y;

/**
 * @param directory where `.env` is; without the file there are no texts
 * @param known the names that are options
 * @param warn is told, in one line, of a name that is none
 * @throws ConfigError if the file cannot be read, has a line that is no assignment, or misspells an option
 */
export function readEnvFile(
  directory: string,
  known: readonly string[],
  warn: (line: string) => void,
): OptionTexts {
  const content = readIfThere(join(directory, '.env'));
  if (content === undefined) return {};
  checkLines(content);
  const texts = parseEnv(content);
  for (const name of Object.keys(texts)) {
    if (known.includes(name)) continue;
    const meant = closest(name, known);
    if (meant !== undefined) {
      throw new ConfigError(`Unknown option ${quote(name)} in .env; did you mean ${meant}?`);
    }
    warn(`${quote(name)} in .env is not an option and was ignored.`);
  }
  return texts;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
      .replace(/^\uFEFF/, '')
      .replaceAll('\r\n', '\n');
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return undefined;
    throw new ConfigError(`.env cannot be read (${code}): ${quote(path)}.`, { cause: error });
  }
}

/** `parseEnv` passes over lines it does not understand; a mistyped option would be lost without a word. */
function checkLines(content: string): void {
  entry.lastIndex = 0;
  while (entry.lastIndex < content.length) {
    const start = entry.lastIndex;
    if (entry.test(content)) continue;
    const line = content.slice(0, start).split('\n').length;
    throw new ConfigError(
      `Line ${line} of .env: expected NAME=value; got ${quote(content.slice(start).split('\n')[0] ?? '')}.`,
    );
  }
}
