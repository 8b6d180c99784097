/** People who come to a room for a moment, one after the other, each under a name of his own. */

import http from 'node:http';
import { call } from './http-call.ts';
import { join } from './member.ts';
import { Patience } from './patience.ts';
import type { SeededRandom } from './seeded-random.ts';

export class Visitors {
  /** Those who were told that they are in, and then that they are out. */
  readonly names: string[] = [];
  readonly #base: string;
  readonly #agent = new http.Agent({ keepAlive: true });
  readonly #patience: Patience;
  #isFinishing = false;
  readonly #running: Promise<void>;

  /** They begin to come. */
  constructor(base: string, name: string, random: SeededRandom) {
    this.#base = base;
    this.#patience = new Patience(random.fork());
    this.#running = this.#run(name);
  }

  /** The last one leaves. */
  async finish(): Promise<void> {
    this.#isFinishing = true;
    await this.#running;
    this.#agent.destroy();
  }

  /** Gives up at once; for after a test. */
  async stop(): Promise<void> {
    this.#patience.end();
    await this.finish().catch(() => {});
  }

  async #run(name: string): Promise<void> {
    for (let count = 0; !this.#isFinishing; count++) await this.#visit(`${name} ${count}`);
  }

  async #visit(name: string): Promise<void> {
    const { token } = await join(this.#base, name, 'pull', this.#patience);
    const leave = () =>
      call({
        method: 'DELETE',
        url: `${this.#base}/session`,
        headers: { authorization: `Bearer ${token}` },
        agent: this.#agent,
        signal: this.#patience.signal,
      });
    let { status } = await leave();
    // Not committed yet. Once it is, there is no such session any more.
    while (status === 503) status = (await leave()).status;
    if (status !== 204 && status !== 410) throw new Error(`destroy for ${name} was answered ${status}`);
    this.names.push(name);
  }
}
