/** Reads the configuration of a server: the environment, then `.env`, then what the table says. */
import { type Config, type OptionTexts, parseConfig } from './config.ts';
import { readEnvFile } from './env-file.ts';
import { listOptions } from './options.ts';

interface ConfigSources {
  /** Wins over `.env`; for example `process.env`. */
  readonly environment: OptionTexts;
  /** Where `.env` is looked for; for example `process.cwd()`. */
  readonly directory: string;
  /** Is told, in one line, of what is probably a mistake but stops nothing. */
  readonly warn: (line: string) => void;
}

/**
 * @returns a frozen configuration
 * @throws ConfigError with one line that says which option, what was expected and what came
 */
export function loadConfig({ environment, directory, warn }: ConfigSources): Config {
  const variables = listOptions().map((option) => option.variable);
  const file = readEnvFile(directory, variables, warn);
  const isOfFile = (variable: string): boolean => !environment[variable]?.trim();
  const texts = variables.map((variable) => [
    variable,
    isOfFile(variable) ? file[variable] : environment[variable],
  ]);
  return parseConfig(Object.fromEntries(texts), (variable) =>
    isOfFile(variable) && file[variable] !== undefined ? ' in .env' : '',
  );
}
