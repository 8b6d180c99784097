/** `npm run soak -- 30m`: exit code 1 if something grows, is left, or is lost. `docs/soak.md` says how to read it. */

import { mkdtempSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { inWords } from './doings.ts';
import { inUnits } from './figures.ts';
import { type SoakOptions, soakOptions, usage } from './options.ts';
import { plotOf } from './plot.ts';
import { faultsOf, type InstanceResult, type SoakResult, soak } from './soak.ts';

// The processes that it started end with it, and their folders go: see those who listen to `exit`.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => process.exit(128 + constants.signals[signal]));
}
process.exitCode = await main();

async function main(): Promise<number> {
  let options: SoakOptions;
  try {
    options = soakOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    return 2;
  }
  const seed = Number(process.env.PARLOR_FAULT_SEED ?? Math.trunc(Math.random() * 2 ** 32));
  const startedAt = new Date().toISOString();
  const result = await soak(options, seed, (line) => console.log(line));
  const faults = faultsOf(result);
  result.instances.forEach((instance, index) => {
    print(instance, result.instances.length === 1 ? '' : `instance ${index + 1}: `);
  });
  printEnd(result);
  const file = join(mkdtempSync(join(tmpdir(), 'parlor-soak-')), 'report.json');
  const about = { startedAt, node: process.version, ...options, faults };
  writeFileSync(file, `${JSON.stringify({ ...about, ...result }, null, 2)}\n`);
  console.log(`\nThe samples are in ${file}.`);
  for (const fault of faults) console.log(`✖ ${fault}`);
  if (faults.length === 0) console.log('✔ Nothing grows, nobody is left, and the judge is content.');
  return faults.length === 0 ? 0 : 1;
}

function print({ findings, endings }: InstanceResult, whose: string): void {
  for (const finding of findings) {
    const { figure, median, growth, certainty, allowed } = finding;
    console.log(`\n${whose}${plotOf(finding)}`);
    console.log(
      `median ${inUnits(median, figure)}; growth ${inUnits(growth, figure)}, ${certainty.toFixed(1)} deviations; allowed ${inUnits(allowed, figure)}: ${finding.grows ? 'it GROWS' : 'flat'}`,
    );
  }
  const list = Object.entries(endings).filter(([, count]) => count > 0);
  console.log(`\n${whose}endings: ${list.map(([what, count]) => `${what} ${count}`).join(', ')}`);
}

function printEnd({ verdict, doings, instances, seed }: SoakResult): void {
  console.log(`load: ${inWords(doings)}; PARLOR_FAULT_SEED=${seed}`);
  console.log(
    `judge: ${verdict.acknowledged} messages acknowledged, ${verdict.events} events in one order, ${verdict.gaps} gaps told, ${verdict.total} faults`,
  );
  for (const { before, after, left } of instances) {
    console.log(
      `after the load: ${left.sessions} sessions, ${left.streams} streams, ${left.polls} polls, ${left.rooms} rooms; ${after.descriptors} descriptors (${before.descriptors} before), ${after.timers} timers (${before.timers}), ${after.listeners} listeners (${before.listeners}), ${after.objects} objects (${before.objects})`,
    );
  }
}
