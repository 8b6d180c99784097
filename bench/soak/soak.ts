/** A soak from its beginning to its end: load, samples, and what became of it all. */

import type { Verdict } from '../../test/fault/support/judge.ts';
import { SeededRandom } from '../../test/fault/support/seeded-random.ts';
import { waitUntil } from '../../test/support/wait-until.ts';
import { type Finding, figuresOf, findingOf } from './figures.ts';
import { eventsPerSecond, SoakLoad } from './load.ts';
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
  readonly seed: number;
  readonly done: Readonly<Record<string, number>>;
  readonly verdict: Verdict;
  readonly complaints: readonly string[];
  readonly instances: readonly InstanceResult[];
}

interface Sample {
  readonly at: number;
  readonly inventory: Inventory;
}

const warmUpShare = 0.3;
/** By then as many sessions time out as are left behind. */
const leastWarmUpSeconds = sessionTimeoutSeconds + 2;
const mostSamples = 120;
/** So that something can be said of what comes after the warm-up; where a sample takes long, a short run takes longer. */
const leastSamples = 8;
const leastSampleMs = 250;
const mostSampleMs = 30_000;
const history = { least: 300, most: 2_000 };
/** Sessions time out, and rooms are unloaded. */
const goneBoundMs = 60_000;

/** @param say told what goes on, now and then */
export async function soak(
  options: SoakOptions,
  seed: number,
  say: (line: string) => void,
): Promise<SoakResult> {
  const { seconds, load: busyness } = options;
  // Rooms are full by half of the warm-up.
  const events = Math.round((eventsPerSecond(busyness) * seconds * warmUpShare) / 2);
  const historyEvents = Math.min(history.most, Math.max(history.least, events));
  const { servers, stop } = await SoakedServer.startAll(options, historyEvents);
  let load: SoakLoad | undefined;
  try {
    const before = await inventories(servers);
    load = await SoakLoad.start(servers, busyness, new SeededRandom(seed));
    const samples = await sample(servers, seconds, (at) => say(progress(at, seconds, load?.done ?? {})));
    say('The load ends.');
    const { verdict, complaints } = await load.end();
    const { done } = load;
    const left = await Promise.all(servers.map((server) => untilEmpty(server)));
    const after = await inventories(servers);
    const endings = await Promise.all(servers.map((server) => server.endings()));
    const instances = servers.map((_, index) => ({
      findings: figuresOf(seconds).map((figure) =>
        findingOf(
          figure,
          samples.map((each) => ({
            at: each[index]?.at ?? 0,
            value: each[index]?.inventory[figure.key] ?? 0,
          })),
          Math.max(leastWarmUpSeconds, (samples.at(-1)?.[index]?.at ?? 0) * warmUpShare),
        ),
      ),
      before: at(before, index),
      after: at(after, index),
      left: at(left, index),
      endings: at(endings, index),
    }));
    return { seed, done, verdict, complaints, instances };
  } finally {
    await load?.stop();
    await stop();
  }
}

/** What is wrong, in words; empty if all is well. */
export function faultsOf({ verdict, complaints, instances }: SoakResult): string[] {
  return [
    ...verdict.faults.map(({ kind, what }) => `the judge: ${kind}: ${what}`),
    ...complaints,
    ...instances.flatMap(({ findings, before, after, left }, index) => {
      const faults = [
        ...findings.filter((finding) => finding.grows).map(({ figure }) => `${figure.name}: it grows`),
        ...after.warnings.map((warning) => `Node warned: ${warning}`),
        ...Object.entries(left)
          .filter(([, count]) => count > 0)
          .map(([what, count]) => `${what}: ${count} were left after the load`),
      ];
      const kept = after.descriptors - before.descriptors;
      if (kept > mostKept) faults.push(`descriptors: ${kept} more than before the load`);
      return instances.length === 1 ? faults : faults.map((fault) => `instance ${index + 1}: ${fault}`);
    }),
  ];
}

/** What the server opens for good when it is first needed. */
const mostKept = 4;

async function sample(
  servers: readonly SoakedServer[],
  seconds: number,
  tell: (seconds: number) => void,
): Promise<Sample[][]> {
  const everyMs = Math.min(mostSampleMs, Math.max(leastSampleMs, (seconds * 1000) / mostSamples));
  const startedAt = performance.now();
  const passed = () => (performance.now() - startedAt) / 1000;
  const isMeasured = ([first]: Sample[]) => (first?.at ?? 0) >= leastWarmUpSeconds;
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

/** Who is left when there is nobody, or when it has taken too long. */
async function untilEmpty(server: SoakedServer): Promise<Present> {
  const isEmpty = async () => Object.values(await server.present()).every((count) => count === 0);
  await waitUntil(isEmpty, 'everybody was gone', goneBoundMs, 200).catch(() => {}); // It is told by who is left.
  return server.present();
}

function progress(seconds: number, all: number, done: Readonly<Record<string, number>>): string {
  const counts = Object.entries(done).map(([what, count]) => `${count} ${what}`);
  return `${Math.round(seconds)} of ${all} s: ${counts.join(', ')}`;
}

function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new Error(`There is no instance ${index}.`);
  return found;
}
