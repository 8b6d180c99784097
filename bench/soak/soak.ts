/** A soak from its beginning to its end: load, samples, and what became of it all. */

import { setTimeout as delay } from 'node:timers/promises';
import type { Verdict } from '../../test/fault/support/judge.ts';
import { SeededRandom } from '../../test/fault/support/seeded-random.ts';
import { waitUntil } from '../../test/support/wait-until.ts';
import { type Doings, faultsOfDoings, inWords } from './doings.ts';
import { type Finding, figuresOf, findingOf, shortSeconds } from './figures.ts';
import { keptOf } from './kept.ts';
import { historyEvents, SoakLoad } from './load.ts';
import type { SoakOptions } from './options.ts';
import { type Inventory, type Present, SoakedServer, sessionTimeoutSeconds } from './soaked-server.ts';

/** Of each instance. */
export interface InstanceResult {
  readonly findings: readonly Finding[];
  /** When nobody had come yet, and when all were gone. */
  readonly before: Inventory;
  readonly after: Inventory;
  /** Who was left at the end. */
  readonly left: Present;
  readonly endings: Readonly<Record<string, number>>;
}

export interface SoakResult {
  readonly seconds: number;
  readonly seed: number;
  readonly doings: Doings;
  readonly verdict: Verdict;
  readonly complaints: readonly string[];
  readonly instances: readonly InstanceResult[];
}

interface Sample {
  readonly at: number;
  readonly inventory: Inventory;
}

const warmUpShare = 0.3;
/** Until sessions that were left behind have timed out. */
const timedOutSeconds = (options: SoakOptions) => sessionTimeoutSeconds(options) + 2;
const mostSamples = 120;
/** So that something can be said of what comes after the warm-up; where a sample takes long, a short run takes longer. */
const leastSamples = 8;
const leastSampleMs = 1_000;
const mostSampleMs = 30_000;
/** Sessions time out, and rooms are unloaded. */
const goneBoundMs = 120_000;
const presences = ['sessions', 'streams', 'polls', 'rooms'] as const;
const nobody: Present = { sessions: 0, streams: 0, polls: 0, rooms: 0 };

/** @param say told what goes on, now and then */
export async function soak(
  options: SoakOptions,
  seed: number,
  say: (line: string) => void,
): Promise<SoakResult> {
  const { seconds } = options;
  const { servers, stop } = await SoakedServer.startAll(options, historyEvents);
  let load: SoakLoad | undefined;
  try {
    load = await SoakLoad.open(servers, options, new SeededRandom(seed));
    await untilQuiet(servers, load, options);
    const before = await inventories(servers);
    await load.start();
    const samples = await sample(servers, options, (at) =>
      say(`${Math.round(at)} of ${seconds} s: ${inWords(load?.doings ?? {})}`),
    );
    say('The load ends.');
    const { verdict, complaints } = await load.end();
    await untilQuiet(servers, load, options);
    const after = await inventories(servers);
    await load.stop();
    const left = await Promise.all(servers.map((server) => untilGone(server, nobody)));
    const endings = await Promise.all(servers.map((server) => server.endings()));
    const slow = endings.reduce((sum, { 'stream slow': count = 0 }) => sum + count, 0);
    const stalled = load.doings.stalls?.done ?? 0;
    const doings: Doings = {
      ...load.doings,
      // Else they have cost nothing.
      'slow endings': { begun: stalled, done: slow, refused: 0, expected: stalled },
    };
    const instances = servers.map((_, index) => ({
      findings: figuresOf(seconds).map((figure) =>
        findingOf(
          figure,
          samples.map((each) => ({
            at: each[index]?.at ?? 0,
            value: each[index]?.inventory[figure.key] ?? 0,
          })),
          Math.max(timedOutSeconds(options), (samples.at(-1)?.[index]?.at ?? 0) * warmUpShare),
        ),
      ),
      before: at(before, index),
      after: at(after, index),
      left: at(left, index),
      endings: at(endings, index),
    }));
    return { seconds, seed, doings, verdict, complaints, instances };
  } finally {
    await load?.stop();
    await stop();
  }
}

/** What is wrong, in words; empty if all is well. */
export function faultsOf({ seconds, verdict, complaints, doings, instances }: SoakResult): string[] {
  return [
    ...verdict.faults.map(({ kind, what }) => `the judge: ${kind}: ${what}`),
    ...complaints,
    ...faultsOfDoings(doings),
    ...instances.flatMap(({ findings, before, after, left }, index) => {
      const faults = [
        ...findings.filter((finding) => finding.grows).map(({ figure }) => `${figure.name}: it grows`),
        ...keptOf(seconds, before, after),
        ...after.warnings.map((warning) => `Node warned: ${warning}`),
        ...Object.entries(left)
          .filter(([, count]) => count > 0)
          .map(([what, count]) => `${what}: ${count} were left after the load`),
      ];
      return instances.length === 1 ? faults : faults.map((fault) => `instance ${index + 1}: ${fault}`);
    }),
  ];
}

async function sample(
  servers: readonly SoakedServer[],
  options: SoakOptions,
  tell: (seconds: number) => void,
): Promise<Sample[][]> {
  const { seconds } = options;
  const everyMs = Math.min(mostSampleMs, Math.max(leastSampleMs, (seconds * 1000) / mostSamples));
  const startedAt = performance.now();
  const passed = () => (performance.now() - startedAt) / 1000;
  const isMeasured = ([first]: Sample[]) => (first?.at ?? 0) >= timedOutSeconds(options);
  const samples: Sample[][] = [];
  while (passed() < seconds || samples.filter(isMeasured).length < leastSamples) {
    const due = startedAt + (samples.length + 1) * everyMs;
    await new Promise((resolve) => setTimeout(resolve, Math.max(leastSampleMs / 2, due - performance.now())));
    const at = passed();
    samples.push((await inventories(servers)).map((inventory) => ({ at, inventory })));
    if (samples.length % (mostSamples / 10) === 0) tell(at);
  }
  return samples;
}

function inventories(servers: readonly SoakedServer[]): Promise<Inventory[]> {
  return Promise.all(servers.map((server) => server.inventory()));
}

/** Until the server has nothing to do: nobody is there but the witness, who follows a room at the first of them. */
async function untilQuiet(
  servers: readonly SoakedServer[],
  load: SoakLoad,
  options: SoakOptions,
): Promise<void> {
  const witness = { ...nobody, streams: 1, rooms: 1 };
  const isGone = () =>
    Promise.all(servers.map((server, index) => untilGone(server, index === 0 ? witness : nobody)));
  await isGone();
  await load.settle();
  await isGone();
  // How sessions ended is remembered for as long as they time out.
  if (options.seconds >= shortSeconds) await delay(timedOutSeconds(options) * 1000);
}

/** Who is left when there are no more than `most`, or when it has taken too long. */
async function untilGone(server: SoakedServer, most: Present): Promise<Present> {
  const isGone = (present: Present) => presences.every((what) => present[what] <= most[what]);
  // It is told by who is left.
  await waitUntil(async () => isGone(await server.present()), 'they were gone', goneBoundMs, 200).catch(
    () => {},
  );
  return server.present();
}

function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new Error(`There is no instance ${index}.`);
  return found;
}
