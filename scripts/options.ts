/**
 * Writes what is generated from tables: from that of options `.env.example`, the table in README.md and the plugin's options; from
 * that of figures the one in docs/metrics.md; from that of commands docs/command-line.md.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { renderEnvExample, renderOptionTable, renderPlainOptions } from '../src/config/render-options.ts';
import { betweenMarkers } from './between-markers.ts';
import { commandReference } from './command-reference.ts';
import { metricsTable } from './metrics-table.ts';

write('.env.example', () => renderEnvExample());
write('src/config/plain-options.ts', () => renderPlainOptions());
write('README.md', (text) => betweenMarkers(text, 'options', renderOptionTable()));
write('docs/metrics.md', (text) => betweenMarkers(text, 'metrics', metricsTable()));
write('docs/command-line.md', (text) => betweenMarkers(text, 'commands', commandReference()));

function write(path: string, update: (text: string) => string): void {
  const file = new URL(`../${path}`, import.meta.url);
  writeFileSync(file, update(readFileSync(file, 'utf8')));
  console.log(`${path} is up to date.`);
}
