/** The commands that the README and the docs promise to work. */

import { readFileSync } from 'node:fs';

/** A page of the project, by its path from the project's folder. */
export function page(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}

/** The shell commands of all blocks marked `<!-- run: group -->`, in order. */
export function commandsOf(group: string, path = 'README.md'): string {
  const blocks = page(path).matchAll(
    new RegExp(`<!-- run: ${group} -->\\n\`\`\`sh\\n([\\s\\S]*?)\`\`\``, 'g'),
  );
  return [...blocks].map(([, block]) => block).join('\n');
}

/** The options with which a block marked `<!-- start: group -->` starts the server. */
export function environmentOf(group: string, path: string): Record<string, string> {
  const [, line = ''] =
    new RegExp(`<!-- start: ${group} -->\\n\`\`\`sh\\n([\\s\\S]*?) npm start\\n\`\`\``).exec(page(path)) ??
    [];
  const assignments = [...line.replaceAll('\\\n', ' ').matchAll(/([A-Z_]+)=(?:'([^']*)'|(\S*))/g)];
  return Object.fromEntries(assignments.map(([, name, quoted, plain]) => [name, quoted ?? plain ?? '']));
}

/** The page that the README shows to follow the feed from anywhere. */
export function feedPage(): string {
  const [, code = ''] = /```html\n([\s\S]*?)```/.exec(page('README.md')) ?? [];
  return code;
}
