/** All figures as a table in Markdown, for `docs/metrics.md`. */

import { families } from './families.ts';
import { histograms } from './histograms.ts';

export function metricsTable(): string {
  const rows = [
    ...families.map(({ name, type, labels, help }) => ({ name, type, labels, help })),
    ...Object.values(histograms).map(({ name, help }) => ({ name, type: 'histogram', labels: [], help })),
  ].map(({ name, type, labels, help }) => {
    const told = labels.map((label) => `\`${label}\``).join(', ');
    return `| \`${name}\` | ${type} | ${told} | ${help} |`;
  });
  return ['| name | type | labels | what it says |', '|---|---|---|---|', ...rows].join('\n');
}

const markers = { start: '<!-- metrics -->', end: '<!-- /metrics -->' };

/**
 * A Markdown text with the table between its markers brought up to date.
 * @throws Error if it has no markers
 */
export function replaceMetricsTable(markdown: string): string {
  const start = markdown.indexOf(markers.start) + markers.start.length;
  const end = markdown.indexOf(markers.end);
  if (start < markers.start.length || end < start)
    throw new Error(`Expected ${markers.start} … ${markers.end}.`);
  return `${markdown.slice(0, start)}\n\n${metricsTable()}\n\n${markdown.slice(end)}`;
}
