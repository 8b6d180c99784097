/** The table of options as documentation: `.env.example`, the table in the README, and the type of plain options. */
import { listOptions, type Option } from './options.ts';
import { plainNames } from './plain-names.ts';

/** `.env.example`: every option, commented out, with its sentence and its default. */
export function renderEnvExample(): string {
  const head = [
    '# Options of Parlor. Copy this file to .env and take the # away from what you change.',
    '# The environment wins over this file; an empty value is as good as none.',
  ];
  const entries = listOptions().map((option) =>
    [`# ${option.sentence}`, `# (${whatItTakes(option)})`, `#${option.variable}=${option.fallback}`].join(
      '\n',
    ),
  );
  return `${[head.join('\n'), ...entries].join('\n\n')}\n`;
}

/** The table in Markdown. */
export function renderOptionTable(): string {
  const rows = listOptions().map((option) => {
    const fallback = option.fallback === '' ? '–' : `\`${option.fallback}\``;
    const cells = [
      `\`${option.variable}\``,
      fallback,
      escapeMarkdown(option.sentence),
      escapeMarkdown(whatItTakes(option)),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return ['| option | default | what it does | values |', '|---|---|---|---|', ...rows].join('\n');
}

/** `src/config/plain-options.ts`: what the plugin takes, by name, with types and sentences for editors to show. */
export function renderPlainOptions(): string {
  const members = listOptions().flatMap((option) => {
    const name = plainNames.get(option.variable);
    if (name === undefined) return [];
    const fallback = option.fallback === '' ? 'none' : `\`${option.fallback}\``;
    const comment = [option.sentence, `Takes ${whatItTakes(option)}.`, `Default: ${fallback}.`];
    const lines = comment.map((line) => `   * ${line.replaceAll('*/', '*\u200b/')}`).join('\n   *\n');
    return [`  /**\n${lines}\n   */\n  readonly ${name}?: ${option.type.plain ?? 'string'} | undefined;\n`];
  });
  const head =
    '/** What an embedding application may set. Written by `npm run options` from `options.ts`: change that. */\n';
  return `${head}\nexport interface PlainOptions {\n${members.join('')}}\n`;
}

/** What an option may be set to, its words with what they mean. */
export function whatItTakes({ type }: Option<unknown>): string {
  const words = (type.words ?? []).map(({ word, meaning }) => `${word} (${meaning})`);
  return [type.expected, ...words].join(', or ');
}

/** Text of the table as Markdown shows it unchanged. */
function escapeMarkdown(text: string): string {
  return text.replace(/[*_|<`\\]/g, '\\$&');
}
