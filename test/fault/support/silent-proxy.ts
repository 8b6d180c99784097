/**
 * A TCP proxy that falls silent: it then holds every connection, reads nothing and passes nothing on. To a server that is
 * what a router that lost its memory is: connections stay, and nobody is at the other end.
 */

import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import type { Cable } from './cable.ts';

export class SilentProxy implements Cable {
  readonly kind = 'a proxy falls silent';
  readonly serverAddress = '127.0.0.1';
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  #port = 0;
  #isSilent = false;

  private constructor() {
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) =>
      this.#take(client),
    );
  }

  /** Gone after the test. */
  static async open(t: TestContext): Promise<SilentProxy> {
    const proxy = new SilentProxy();
    proxy.#server.listen(0, proxy.serverAddress);
    await once(proxy.#server, 'listening');
    t.after(() => {
      for (const socket of proxy.#open) socket.destroy();
      proxy.#server.close();
    });
    return proxy;
  }

  forServer(command: readonly string[]): readonly string[] {
    return command;
  }

  forClients(command: readonly string[]): readonly string[] {
    return command;
  }

  reaches(url: string): string {
    this.#port = Number(new URL(url).port);
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The proxy is closed.');
    return `http://${this.serverAddress}:${address.port}`;
  }

  async cut(): Promise<void> {
    this.#isSilent = true;
    for (const socket of this.#open) socket.unpipe().pause();
  }

  #take(client: Socket): void {
    this.#keep(client);
    // Who comes now is held like the others.
    if (this.#isSilent) return;
    const server = connect({ host: this.serverAddress, port: this.#port, allowHalfOpen: true });
    this.#keep(server);
    client.pipe(server);
    server.pipe(client);
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      one.once('close', () => {
        if (!this.#isSilent) other.destroy();
      });
    }
  }

  #keep(socket: Socket): void {
    this.#open.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => this.#open.delete(socket));
  }
}
