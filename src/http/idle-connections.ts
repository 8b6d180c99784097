/**
 * Which connections are kept open only in case that more is asked over them: the first to go when places are short.
 * Else whoever asks once over each of many connections would keep everybody out until Fastify's keepAliveTimeout is over,
 * 72 seconds later.
 *
 * Connections over which nothing was asked yet are not among them: closing those would let a crowd that comes push
 * out itself. They have the ten seconds that a request may take.
 */

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../core/clock.ts';

// Who asks more often keeps his connection. It is what Node, left alone, gives everybody at all times.
const leastIdleMs = 5_000;

export class IdleConnections {
  readonly #clock: Clock;
  // Since when; the one that is idle longest comes first.
  readonly #idle = new Map<Socket, number>();
  // How many answers are due over a connection; several where requests do not wait for the answer before.
  readonly #due = new WeakMap<Socket, number>();

  constructor(server: Server, clock: Clock) {
    this.#clock = clock;
    server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
      this.#idle.delete(socket);
      const due = this.#due.get(socket);
      this.#due.set(socket, (due ?? 0) + 1);
      if (due === undefined) socket.once('close', () => this.#idle.delete(socket));
      response.once('close', () => this.#answered(socket));
    });
  }

  /** Closes the one that is idle longest, unless it was asked over a moment ago. */
  closeLongest(): void {
    for (const [socket, since] of this.#idle) {
      if (this.#clock.monotonic() - since < leastIdleMs) return;
      this.#idle.delete(socket);
      // One that has still to take its answer is not idle, and has a time of its own.
      if (socket.destroyed || socket.writableLength > 0) continue;
      socket.destroy();
      return;
    }
  }

  #answered(socket: Socket): void {
    const due = (this.#due.get(socket) ?? 1) - 1;
    this.#due.set(socket, due);
    if (due === 0 && !socket.destroyed) this.#idle.set(socket, this.#clock.monotonic());
  }
}
