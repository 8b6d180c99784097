/**
 * Two networks of their own with one cable between them, which a test can pull: one for a server, one for its clients.
 *
 * They are namespaces of the kernel without names. Nothing but the two ends is in them, no network of the machine is
 * touched, and they are gone with the processes that hold them, which end with the test's process whatever happens.
 */

import { execFile } from 'node:child_process';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { searchPath } from '../../support/needs.ts';
import type { Cable } from './cable.ts';
import { asNamespaceRoot, holdNamespace } from './held-namespace.ts';

const run = promisify(execFile);
/** Programs that it takes. */
export const networkPrograms = ['unshare', 'nsenter', 'ip'];
const clientAddress = '10.77.0.2';

export class TwoNetworks implements Cable {
  readonly kind = 'the cable is pulled';
  readonly serverAddress = '10.77.0.1';
  readonly #enterServer: readonly string[];
  readonly #enterClients: readonly string[];

  private constructor(enterServer: readonly string[], enterClients: readonly string[]) {
    this.#enterServer = enterServer;
    this.#enterClients = enterClients;
  }

  /** Undefined if they cannot be made here. */
  static async make(t: TestContext): Promise<TwoNetworks | undefined> {
    // Who may not administer the machine's networks may do so in a user namespace of his own, where that is allowed.
    for (const isOwnRoot of [false, true]) {
      const server = await holdNamespace(t, ['unshare', ...(isOwnRoot ? ['-U', '-r'] : []), '-n']);
      if (!server) continue;
      const enter = (pid = 0) => ['nsenter', '-t', `${pid}`, '-n', ...(isOwnRoot ? asNamespaceRoot : [])];
      const clients = await holdNamespace(t, [...enter(server.pid), 'unshare', '-n']);
      if (!clients) continue;
      const networks = new TwoNetworks(enter(server.pid), enter(clients.pid));
      await networks.#connect(`${clients.pid}`);
      return networks;
    }
    return undefined;
  }

  /** The command that runs a command where the server is. */
  forServer(command: readonly string[]): readonly string[] {
    return [...this.#enterServer, ...command];
  }

  forClients(command: readonly string[]): readonly string[] {
    return [...this.#enterClients, ...command];
  }

  reaches(url: string): string {
    return url;
  }

  /** Pulls the cable at the clients' end: from now on packets vanish, both ways, and nobody is told. */
  async cut(): Promise<void> {
    await this.#run(this.forClients(['ip', 'link', 'set', 'clients', 'down']));
  }

  async #connect(clientsPid: string): Promise<void> {
    const { serverAddress } = this;
    const cable = ['name', 'server', 'type', 'veth', 'peer', 'name', 'clients', 'netns', clientsPid];
    await this.#run(this.forServer(['ip', 'link', 'add', ...cable]));
    await this.#run(this.forServer(['ip', 'address', 'add', `${serverAddress}/30`, 'dev', 'server']));
    await this.#run(this.forClients(['ip', 'address', 'add', `${clientAddress}/30`, 'dev', 'clients']));
    await this.#run(this.forServer(['ip', 'link', 'set', 'server', 'up']));
    await this.#run(this.forClients(['ip', 'link', 'set', 'clients', 'up']));
  }

  async #run([program = '', ...args]: readonly string[]): Promise<void> {
    await run(program, args, { env: { PATH: searchPath } });
  }
}
