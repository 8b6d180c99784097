/** All figures as a table in Markdown, for `docs/metrics.md`. */

import { families } from '../src/metrics/families.ts';
import { histograms } from '../src/metrics/histograms.ts';

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
