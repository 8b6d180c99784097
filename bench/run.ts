/**
 * The benchmark: `npm run bench`, or some of its cases: `npm run bench -- closed-loop-1000 rate-500-1000`.
 *
 * Results go into `bench/results/` as JSON. After all cases, or with `--report`, `docs/benchmarks.md` and its plots are
 * written from them. Other options: `--repeats=5`, `--patience=600` (seconds that a case may wait for a machine
 * which others use as well), `--list`, `--smoke` (tiny sizes, measures nothing).
 */

import { descriptorLimit } from '../src/system/descriptors.ts';
import { Bench } from './bench.ts';
import { buildAll } from './built.ts';
import { cases } from './cases/all.ts';
import { describeMachine } from './machine.ts';
import { readFindings } from './profile/findings.ts';
import { printCase } from './report/print.ts';
import { keepResults, readResults } from './report/results-file.ts';
import { fullSizes, type Sizes, smokeSizes } from './sizes.ts';
import { hasNchan, howToGetNchan } from './systems/nchan.ts';
import { hasRedis, howToGetRedis } from './systems/parlor-cluster.ts';

/** Of the process with the most streams, and some to spare. */
const leastDescriptors = 12_000;

const options = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));

process.exitCode = await main();

async function main(): Promise<number> {
  const unknown = names.filter((name) => !cases.some((each) => each.name === name));
  if (unknown.length > 0 || options.includes('--list')) {
    if (unknown.length > 0) console.error(`There is no case ${unknown.join(', ')}. There are:`);
    for (const { name, loads } of cases) console.log(`${name.padEnd(24)} ${loads}`);
    return unknown.length > 0 ? 1 : 0;
  }
  const isReportOnly = options.includes('--report') && names.length === 0;
  const isFine = isReportOnly || (await measure(cases.filter(({ name }) => isChosen(name))));
  if (options.includes('--report') || (names.length === 0 && isFine && !options.includes('--smoke'))) {
    const { writeReport } = await import('./report/write-report.ts');
    for (const path of writeReport(readResults(), readFindings())) console.log(`${path} is up to date.`);
  }
  return isFine ? 0 : 1;
}

function isChosen(name: string): boolean {
  return names.length === 0 || names.includes(name);
}

/** @returns whether every run proved what it had to */
async function measure(chosen: typeof cases): Promise<boolean> {
  const sizes = chosenSizes();
  if (!sizes.isSmoke && descriptorLimit() < leastDescriptors) {
    console.error(
      `${leastDescriptors} files have to be open at once, ulimit -n allows ${descriptorLimit()}.`,
    );
    return false;
  }
  if (!hasNchan) console.error(`${howToGetNchan}. It is left out.`);
  if (!hasRedis) console.error(`${howToGetRedis}. What uses it is left out.`);
  const machine = describeMachine();
  console.log(
    Object.entries(machine)
      .map(([what, value]) => `${what}: ${value}`)
      .join('\n'),
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));
  const built = await buildAll();
  process.on('exit', () => built.remove());
  const bench = new Bench(built, sizes, (line) => console.log(line));
  let isFine = true;
  for (const each of chosen) {
    console.log(`\n${each.name}: ${each.loads}`);
    const own = bench.of(each.name);
    await each.run(own);
    printCase(each, own.measurements);
    if (own.thrownAway.length > 0) isFine = false;
    if (!sizes.isSmoke) keepResults(each.name, { machine, ...own });
  }
  return isFine;
}

function chosenSizes(): Sizes {
  const sizes = options.includes('--smoke') ? smokeSizes : fullSizes;
  const repeats = numberOption('repeats');
  const patience = numberOption('patience');
  return {
    ...sizes,
    ...(repeats === undefined ? {} : { repeats }),
    ...(patience === undefined ? {} : { patienceMs: patience * 1000 }),
  };
}

function numberOption(name: string): number | undefined {
  const [text] = options.flatMap((each) => new RegExp(`^--${name}=(\\d+)$`).exec(each)?.[1] ?? []);
  return text === undefined ? undefined : Number(text);
}
