/** The server's options as the help lists them, by theme, for a terminal of 80 columns. */

import { listOptions, optionThemes } from '../config/options.ts';
import { whatItTakes } from '../config/render-options.ts';

const columns = 80;
const indent = '      ';

export function serverOptions(): string {
  return listOptions()
    .map((option) => {
      const theme = optionThemes.get(option.variable);
      const { variable, fallback, sentence } = option;
      return [
        ...(theme === undefined ? [] : [`${theme}:`, '']),
        `  ${variable}=${fallback}`,
        ...wrap(sentence),
        ...wrap(`Takes ${whatItTakes(option)}.`),
        '',
      ].join('\n');
    })
    .join('\n')
    .trimEnd();
}

/** Between words; a word that is longer than a line stays whole. */
function wrap(text: string): string[] {
  const lines: string[] = [];
  let line = indent.trimEnd();
  for (const word of text.split(' ')) {
    const longer = line === '' ? `${indent}${word}` : `${line} ${word}`;
    if (longer.length > columns && line !== '') {
      lines.push(line);
      line = `${indent}${word}`;
    } else line = longer;
  }
  return [...lines, line];
}
