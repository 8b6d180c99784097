/** The commands that the README promises to work. */

import { readFileSync } from 'node:fs';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

/** The shell commands of all blocks marked `<!-- run: group -->`, in order. */
export function commandsOf(group: string): string {
  const blocks = readme.matchAll(new RegExp(`<!-- run: ${group} -->\\n\`\`\`sh\\n([\\s\\S]*?)\`\`\``, 'g'));
  return [...blocks].map(([, block]) => block).join('\n');
}

/** The page that the README shows to follow the feed from anywhere. */
export function feedPage(): string {
  const [, page = ''] = /```html\n([\s\S]*?)```/.exec(readme) ?? [];
  return page;
}
