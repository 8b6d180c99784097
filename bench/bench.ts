/** What a case works with: the systems are started one after the other, in turn, and what comes out is gathered. */

import { setTimeout as wait } from 'node:timers/promises';
import type { Built } from './built.ts';
import { Disturbance } from './disturbance.ts';
import type { StreamKind } from './load/wire.ts';
import { LoadProcess, ThrownAway } from './load-process.ts';
import { isUndisturbed, type Measurement, tolerableOthers } from './results.ts';
import type { Sizes } from './sizes.ts';
import type { RunningSystem, StartOptions, System } from './systems/system.ts';

/** A system in one of the forms in which it is measured. */
export interface Contender extends StartOptions {
  readonly system: System;
  /** Beside the system's name. */
  readonly form?: string;
  readonly streams?: StreamKind;
}

/** One run: a fresh server, a fresh load generator. */
export interface Run<C extends Contender = Contender> {
  readonly contender: C;
  readonly running: RunningSystem;
  readonly load: LoadProcess;
}

export type Figures = Readonly<Record<string, number>>;

const quietMs = 500;

// What a figure must not be the measure of.
const busyGenerator = 0.95;
const idleServer = 0.9;

export class Bench {
  readonly built: Built;
  readonly sizes: Sizes;
  readonly measurements: Measurement[] = [];
  /** Runs whose proof failed. */
  readonly thrownAway: string[] = [];
  readonly #say: (line: string) => void;
  readonly #case: string;
  #patienceMs: number;
  /** Baselines that were run once, which is enough where nothing is measured. */
  readonly #tried: Set<string>;

  constructor(
    built: Built,
    sizes: Sizes,
    say: (line: string) => void,
    ofCase = '',
    tried = new Set<string>(),
  ) {
    this.built = built;
    this.sizes = sizes;
    this.#patienceMs = sizes.patienceMs;
    this.#say = say;
    this.#case = ofCase;
    this.#tried = tried;
  }

  /** A bench that gathers for one case. */
  of(name: string): Bench {
    return new Bench(this.built, this.sizes, this.#say, name, this.#tried);
  }

  /**
   * Runs all contenders in turn, as often as the sizes say, so that what disturbs the machine for a while disturbs all.
   * Who was disturbed nevertheless runs again, a few times. A run whose proof fails is told and not counted.
   */
  async inTurn<C extends Contender>(
    contenders: readonly C[],
    measure: (run: Run<C>) => Promise<Figures>,
  ): Promise<void> {
    const chosen = this.sizes.isSmoke ? contenders.filter((each) => this.#isUntried(each)) : contenders;
    const { repeats, extraRounds } = this.sizes;
    for (let repeat = 1; repeat <= repeats + extraRounds; repeat++) {
      for (const contender of chosen) {
        if (repeat > repeats && this.#undisturbedRuns(contender) >= repeats) continue;
        await this.#untilQuiet();
        await this.#run(contender, repeat, measure);
      }
    }
  }

  /** Notes what came out of a run. */
  note(name: string, repeat: number, figures: Figures): void {
    this.measurements.push({ case: this.#case, contender: name, repeat, figures });
    const shown = Object.entries(figures).map(([figure, value]) => `${figure} ${shortNumber(value)}`);
    this.#say(`  ${this.#case} · ${name} · run ${repeat}: ${shown.join(', ')}`);
    const { generatorCpu = 0, serverCpu = 1, othersCpu = 0 } = figures;
    if (othersCpu > tolerableOthers) {
      this.#say(`  (Disturbed: something else used ${Math.round(othersCpu * 100)} % of a core meanwhile.)`);
    }
    if (generatorCpu > busyGenerator && serverCpu < idleServer) {
      this.#say('  (Here the load generator was the slower one: the server could have done more.)');
    }
  }

  throwAway(name: string, why: string): void {
    const line = `${this.#case} · ${name}: a run is thrown away. ${why}`;
    this.thrownAway.push(line);
    this.#say(`✖ ${line}`);
  }

  #undisturbedRuns(contender: Contender): number {
    const name = contenderName(contender);
    return this.measurements.filter((run) => run.contender === name && isUndisturbed(run)).length;
  }

  /** Waits for what else the machine is doing, within reason. */
  async #untilQuiet(): Promise<void> {
    while (this.#patienceMs > 0) {
      const disturbance = new Disturbance([process.pid]);
      await wait(quietMs);
      if ((disturbance.share ?? 0) <= tolerableOthers) return;
      this.#patienceMs -= quietMs;
    }
  }

  #isUntried({ system }: Contender): boolean {
    if (system.isBaseline && this.#tried.has(system.name)) return false;
    this.#tried.add(system.name);
    return true;
  }

  async #run<C extends Contender>(
    contender: C,
    repeat: number,
    measure: (run: Run<C>) => Promise<Figures>,
  ): Promise<void> {
    const name = contenderName(contender);
    const running = await contender.system.start(this.built, contender);
    let load: LoadProcess | undefined;
    try {
      load = await LoadProcess.start(this.built, running.wire);
      const disturbance = new Disturbance([
        process.pid,
        load.pid,
        ...running.wire.pids,
        ...(running.wire.storePids ?? []),
      ]);
      const figures = await measure({ contender, running, load });
      const { share: others } = disturbance;
      this.note(name, repeat, others === undefined ? figures : { ...figures, othersCpu: others });
    } catch (error) {
      if (!(error instanceof ThrownAway)) throw error;
      this.throwAway(name, error.message);
    } finally {
      await load?.stop();
      await running.stop();
    }
  }
}

function contenderName({ system, form, streams }: Contender): string {
  const known = [form, streams].filter((each) => each !== undefined);
  return known.length === 0 ? system.name : `${system.name} (${known.join(', ')})`;
}

function shortNumber(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}
