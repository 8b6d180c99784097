/** What a case works with: the systems are started one after the other, in turn, and what comes out is gathered. */

import type { Built } from './built.ts';
import type { StreamKind } from './load/wire.ts';
import { LoadProcess, ThrownAway } from './load-process.ts';
import type { Measurement } from './results.ts';
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
export interface Run {
  readonly contender: Contender;
  readonly running: RunningSystem;
  readonly load: LoadProcess;
}

export type Figures = Readonly<Record<string, number>>;

export class Bench {
  readonly built: Built;
  readonly sizes: Sizes;
  readonly measurements: Measurement[] = [];
  /** Runs whose proof failed. */
  readonly thrownAway: string[] = [];
  readonly #say: (line: string) => void;
  #case = '';

  constructor(built: Built, sizes: Sizes, say: (line: string) => void) {
    this.built = built;
    this.sizes = sizes;
    this.#say = say;
  }

  /** A bench that gathers for one case. */
  of(name: string): Bench {
    const bench = new Bench(this.built, this.sizes, this.#say);
    bench.#case = name;
    return bench;
  }

  /**
   * Runs all contenders in turn, as often as the sizes say, so that what disturbs the machine for a while disturbs all.
   * A run whose proof fails is told and not counted.
   */
  async inTurn(contenders: readonly Contender[], measure: (run: Run) => Promise<Figures>): Promise<void> {
    for (let repeat = 1; repeat <= this.sizes.repeats; repeat++) {
      for (const contender of contenders) await this.#run(contender, repeat, measure);
    }
  }

  /** Notes what came out of a run. */
  note(name: string, repeat: number, figures: Figures): void {
    this.measurements.push({ case: this.#case, contender: name, repeat, figures });
    const shown = Object.entries(figures).map(([figure, value]) => `${figure} ${shortNumber(value)}`);
    this.#say(`  ${this.#case} · ${name} · run ${repeat}: ${shown.join(', ')}`);
  }

  throwAway(name: string, why: string): void {
    const line = `${this.#case} · ${name}: a run is thrown away. ${why}`;
    this.thrownAway.push(line);
    this.#say(`✖ ${line}`);
  }

  async #run(contender: Contender, repeat: number, measure: (run: Run) => Promise<Figures>): Promise<void> {
    const name = contenderName(contender);
    const running = await contender.system.start(this.built, contender);
    let load: LoadProcess | undefined;
    try {
      load = await LoadProcess.start(this.built, running.wire);
      this.note(name, repeat, await measure({ contender, running, load }));
    } catch (error) {
      if (!(error instanceof ThrownAway)) throw error;
      this.throwAway(name, error.message);
    } finally {
      await load?.stop();
      await running.stop();
    }
  }
}

export function contenderName({ system, form, streams }: Contender): string {
  const known = [form, streams].filter((each) => each !== undefined);
  return known.length === 0 ? system.name : `${system.name} (${known.join(', ')})`;
}

function shortNumber(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}
