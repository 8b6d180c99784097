/** How much a server's process holds that is no garbage. */

import type { ServerProcess } from '../../support/server-process.ts';

const probe = new URL('./heap-probe.mjs', import.meta.url);

export class Heap {
  /** For the environment of the process. */
  static readonly env = { NODE_OPTIONS: `--import=${probe}` };
  readonly #server: ServerProcess;
  #asked = 0;

  /** @param server started with `Heap.env` */
  constructor(server: ServerProcess) {
    this.#server = server;
  }

  async bytes(): Promise<number> {
    this.#server.child.kill('SIGWINCH');
    this.#asked += 1;
    return Number(await this.#server.printed(new RegExp(`^heap ${this.#asked}: (\\d+)$`, 'm')));
  }
}
