/**
 * Writes what is generated from tables: from that of options `.env.example`, the table in README.md and the plugin's options; from
 * that of figures the one in docs/metrics.md; from that of commands docs/command-line.md.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  renderEnvExample,
  renderPlainOptions,
  replaceOptionTable,
  tableMarkers,
} from '../src/config/render-options.ts';
import { replaceMetricsTable } from '../src/metrics/metrics-table.ts';
import { replaceCommandReference } from './command-reference.ts';

const envExample = fileURLToPath(new URL('../.env.example', import.meta.url));
const readme = fileURLToPath(new URL('../README.md', import.meta.url));
const plainOptions = fileURLToPath(new URL('../src/config/plain-options.ts', import.meta.url));

writeFileSync(envExample, renderEnvExample());
console.log('.env.example is up to date.');
writeFileSync(plainOptions, renderPlainOptions());
console.log('src/config/plain-options.ts is up to date.');

const updated = existsSync(readme) ? replaceOptionTable(readFileSync(readme, 'utf8')) : undefined;
if (updated === undefined) {
  console.log(`README.md has no ${tableMarkers.start} … ${tableMarkers.end}.`);
} else {
  writeFileSync(readme, updated);
  console.log('The table in README.md is up to date.');
}

const metrics = fileURLToPath(new URL('../docs/metrics.md', import.meta.url));
writeFileSync(metrics, replaceMetricsTable(readFileSync(metrics, 'utf8')));
console.log('The table in docs/metrics.md is up to date.');

const commandLine = fileURLToPath(new URL('../docs/command-line.md', import.meta.url));
writeFileSync(commandLine, replaceCommandReference(readFileSync(commandLine, 'utf8')));
console.log('The tables in docs/command-line.md are up to date.');
