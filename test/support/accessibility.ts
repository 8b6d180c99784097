/** What axe-core finds wrong with a page as it stands: WCAG 2.2 AA, and what is good practice. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

interface Finding {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** One line for each thing that is wrong; none is what is wanted. */
export async function violationsOn(page: Pick<Page, 'evaluate'>): Promise<string[]> {
  await page.evaluate(source);
  const violations = (await page.evaluate(`
    axe.run(document, { runOnly: ${JSON.stringify(tags)}, resultTypes: ['violations'] })
      .then(({ violations }) => violations)
  `)) as Finding[];
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary = '' }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
  );
}
