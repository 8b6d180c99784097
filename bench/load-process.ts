/** The load generator as its parent sees it: a method call each, carried out in its own process on its own core. */

import type { Built } from './built.ts';
import { Child } from './child.ts';
import type { GeneratorMethods } from './load/generator.ts';
import type { Wire } from './load/wire.ts';

/** The proof failed: what was measured is thrown away. */
export class ThrownAway extends Error {}

type Argument<M extends keyof GeneratorMethods> = Parameters<GeneratorMethods[M]>[0];
type Result<M extends keyof GeneratorMethods> = Awaited<ReturnType<GeneratorMethods[M]>>;

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string; readonly isProof: boolean };
  readonly signal?: string;
}

const callTimeoutMs = 5 * 60_000;

export class LoadProcess {
  readonly #child: Child;
  readonly #waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  #calls = 0;
  /** Told what a generator says while it works. */
  onSignal: ((signal: string) => void) | undefined;

  private constructor(built: Built) {
    const command = [process.execPath, '--max-semi-space-size=64', built.program('load/generator')];
    this.#child = new Child({ part: 'generator', command });
    this.#child.process.on('message', (answer: Answer) => this.#take(answer));
    this.#child.process.on('exit', () => {
      for (const { reject } of this.#waiting.values()) {
        reject(new Error(`The load generator ended: ${this.#child.output}`));
      }
    });
  }

  static async start(built: Built, wire: Wire): Promise<LoadProcess> {
    const load = new LoadProcess(built);
    await load.call('use', wire);
    return load;
  }

  get pid(): number {
    return this.#child.pid;
  }

  call<M extends keyof GeneratorMethods>(method: M, argument: Argument<M>): Promise<Result<M>> {
    const id = ++this.#calls;
    return new Promise<Result<M>>((resolve, reject) => {
      const guard = setTimeout(() => reject(new ThrownAway(`${method} has no end.`)), callTimeoutMs);
      const settle = () => {
        clearTimeout(guard);
        this.#waiting.delete(id);
      };
      this.#waiting.set(id, {
        resolve: (result) => {
          settle();
          resolve(result as Result<M>);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      });
      this.#child.process.send({ id, method, argument });
    });
  }

  async stop(): Promise<void> {
    await this.#child.stop();
  }

  #take({ id, result, error, signal }: Answer): void {
    if (signal !== undefined) this.onSignal?.(signal);
    const call = id === undefined ? undefined : this.#waiting.get(id);
    if (!call) return;
    if (!error) call.resolve(result);
    else call.reject(error.isProof ? new ThrownAway(error.message) : new Error(error.message));
  }
}
