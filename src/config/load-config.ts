/** Reads the configuration of a server: the environment, then `.env`, then what the table says. */

import { quote } from '../core/quote.ts';
import { closest } from './closest.ts';
import { type Config, type OnConfigError, type OptionTexts, parseConfig } from './config.ts';
import { readEnvFile } from './env-file.ts';
import { listOptions } from './options.ts';

export interface ConfigSources {
  /** Wins over `.env`; for example `process.env`. */
  readonly environment: OptionTexts;
  /** Where `.env` is looked for; for example `process.cwd()`. */
  readonly directory: string;
  /** Is told, in one line, of what is probably a mistake but stops nothing. */
  readonly warn: (line: string) => void;
  /** Is told of all that stops a start, instead of the first being thrown. */
  readonly onError?: OnConfigError;
}

/** The text that counts for an option, and who wrote it. */
export interface Setting {
  readonly variable: string;
  readonly text: string;
  readonly from: 'environment' | '.env' | 'default';
}

/**
 * @returns a frozen configuration
 * @throws ConfigError with one line that says which option, what was expected and what came
 */
export function loadConfig(sources: ConfigSources): Config {
  return loadSettings(sources).config;
}

/**
 * The same, with where each value comes from, in the order of the table.
 * @throws ConfigError as `loadConfig`
 */
export function loadSettings({ environment, directory, warn, onError }: ConfigSources): {
  readonly config: Config;
  readonly settings: readonly Setting[];
} {
  const options = listOptions();
  const variables = options.map(({ variable }) => variable);
  warnOfMisspelt(environment, variables, warn);
  const file = readEnvFile(directory, variables, warn, onError);
  const settings = options.map(({ variable, fallback }): Setting => {
    const given = environment[variable]?.trim();
    if (given) return { variable, text: given, from: 'environment' };
    const written = file[variable]?.trim();
    return written
      ? { variable, text: written, from: '.env' }
      : { variable, text: fallback, from: 'default' };
  });
  const inFile = new Set(settings.filter(({ from }) => from === '.env').map(({ variable }) => variable));
  const texts = Object.fromEntries(settings.map(({ variable, text }) => [variable, text]));
  const config = parseConfig(texts, (variable) => (inFile.has(variable) ? ' in .env' : ''), onError);
  return { config, settings };
}

/** Kubernetes and links of Docker give such a name for each service nearby, whatever that is called; no option has one. */
const ofService = /_(?:PORT|SERVICE_HOST)(?:_|$)/;

/** The environment is everybody's: a name that is nearly an option's may be somebody else's, so it stops nothing. */
function warnOfMisspelt(
  environment: OptionTexts,
  known: readonly string[],
  warn: (line: string) => void,
): void {
  for (const name of Object.keys(environment)) {
    // A single word is soon nearly another one: `HOME`, `HOST`.
    if (!name.includes('_') || known.includes(name) || ofService.test(name)) continue;
    const meant = closest(name, known);
    if (meant !== undefined)
      warn(`${quote(name)} in the environment is not an option; did you mean ${meant}?`);
  }
}
