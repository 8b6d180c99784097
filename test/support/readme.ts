/** The commands that the README and the docs promise to work. */

import { appendFileSync, readFileSync } from 'node:fs';

/** A page of the project, by its path from the project's folder. */
export function page(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}

/**
 * The shell commands of all blocks marked `<!-- run: group -->`, in order: ask for them to run them, for the whole run of the tests
 * fails if nobody has.
 * @throws Error if there are none
 */
export function commandsOf(group: string, path = 'README.md'): string {
  return blocksOf(`run: ${group}`, path).join('\n');
}

/**
 * The options with which a block marked `<!-- start: group -->` starts the server: ask for them to start it so.
 * @throws Error if there is none, or one that does something else
 */
export function environmentOf(group: string, path: string): Record<string, string> {
  const [block = ''] = blocksOf(`start: ${group}`, path);
  const [, line] = /^([\s\S]*?) ?npm start\n$/.exec(block) ?? [];
  if (line === undefined) throw new Error(`${path}: expected "… npm start"; got ${block}`);
  const assignments = [...line.replaceAll('\\\n', ' ').matchAll(/([A-Z_]+)=(?:'([^']*)'|(\S*))/g)];
  return Object.fromEntries(assignments.map(([, name, quoted, plain]) => [name, quoted ?? plain ?? '']));
}

function blocksOf(mark: string, path: string): string[] {
  const blocks = page(path).matchAll(new RegExp(`<!-- ${mark} -->\\n\`\`\`sh\\n([\\s\\S]*?)\`\`\``, 'g'));
  const found = [...blocks].map(([, block = '']) => block);
  if (found.length === 0) throw new Error(`${path} has no block marked "${mark}".`);
  const ledger = process.env.PARLOR_DOCS_COMMANDS;
  if (ledger !== undefined) appendFileSync(ledger, `${path}: ${mark}\n`);
  return found;
}

/** The page that the README shows to follow the feed from anywhere. */
export function feedPage(): string {
  const [, code = ''] = /```html\n([\s\S]*?)```/.exec(page('README.md')) ?? [];
  return code;
}
