/**
 * Shows where the time of a delivery goes: `npm run bench:profile`.
 *
 * Times in user mode and in the kernel come from Linux, and V8's own profiler says whose JavaScript it was; that is always
 * there. Where `perf` and `strace` are there too, they tell kernel, libuv and the rest apart, and count system calls. What
 * is found goes into `bench/results/` and from there into `docs/benchmarks.md`.
 */

import { setTimeout as wait } from 'node:timers/promises';
import { Bench, type Run } from './bench.ts';
import { buildAll } from './built.ts';
import { messageBytes, room } from './cases/bench-case.ts';
import { describeMachine } from './machine.ts';
import { keepFindings, type LoadFindings } from './profile/findings.ts';
import { type CpuProfile, readProfile } from './profile/sampled.ts';
import { sampleThreads, threadTimes } from './profile/threads.ts';
import { callsOf, perfOf } from './profile/tools.ts';
import { profileSection } from './report/profile-section.ts';
import { fullSizes, smokeSizes } from './sizes.ts';
import { parlor } from './systems/all.ts';

const streams = 1_000;
const publishers = 64;

const isSmoke = process.argv.includes('--smoke');
/** Many messages in a write, and one. */
const rates = isSmoke ? [500] : [500, 20];
const sizes = { ...(isSmoke ? smokeSizes : fullSizes), repeats: 1, extraRounds: 0 };
const warmUpMs = isSmoke ? 100 : 1_500;
const watchSeconds = isSmoke ? 0.2 : 5;
// What is watched lies well within what is measured.
const marginMs = isSmoke ? 100 : 1_000;

process.exitCode = await main();

async function main(): Promise<number> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));
  const built = await buildAll();
  process.on('exit', () => built.remove());
  const bench = new Bench(built, sizes, (line) => console.log(line), 'profile');
  const loads: LoadFindings[] = [];
  await bench.inTurn([{ system: parlor, streams: 'members', isProbed: true }], async (run) => {
    await run.load.call('addPublishers', { room, count: publishers, messageBytes });
    await run.load.call('open', { room, kind: 'members', count: sizes.scaled(streams) });
    await run.load.call('synchronise', undefined);
    for (const rate of rates) loads.push(await profile(run, rate));
    return {};
  });
  const findings = { machine: describeMachine(), loads };
  console.log(`\n${profileSection(findings)}`);
  if (!isSmoke) keepFindings(findings);
  return bench.thrownAway.length > 0 ? 1 : 0;
}

/** The same load once for each way of looking at it, so that none sees what another costs. */
async function profile(run: Run, rate: number): Promise<LoadFindings> {
  const { child } = run.running;
  const { pid } = child;
  const under = async <T>(watch: () => Promise<T>) => {
    const measureMs = watchSeconds * 1000 + marginMs;
    const loading = run.load.call('load', { ...sizes, rate, warmUpMs, measureMs });
    await wait(warmUpMs);
    const [figures, seen] = await Promise.all([loading, watch()]);
    return { figures, seen };
  };
  const { figures, seen: threads } = await under(async () => {
    const before = sampleThreads(pid);
    const startedAt = performance.now();
    await wait(watchSeconds * 1000);
    const after = sampleThreads(pid);
    const seconds = (performance.now() - startedAt) / 1000;
    return before && after ? threadTimes(pid, before, after, seconds) : undefined;
  });
  const { seen: sampled } = await under(async () => {
    await child.asked('profile');
    await wait(watchSeconds * 1000);
    return readProfile(await child.asked<CpuProfile>('profiled'));
  });
  const { seen: perf } = await under(() => perfOf(pid, watchSeconds, run.running.folder));
  const { seen: calls } = await under(() => callsOf(pid, watchSeconds));
  const { deliveriesPerSecond, messagesPerRead, p99, cpuPerDelivery } = figures;
  return {
    load: `${rate} messages/s to ${sizes.scaled(streams).toLocaleString('en')} members' streams`,
    deliveriesPerSecond,
    messagesPerRead,
    p99,
    cpuPerDelivery,
    threads,
    ...sampled,
    layers: perf?.layers,
    symbols: perf?.symbols,
    calls,
  };
}
