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
  // All that were asked over. In no order: keeping one would cost every request more than this search costs.
  readonly #connections = new Map<Socket, Connection>();
  // Nothing was found, and cannot be found before.
  #nothingUntil = 0;

  constructor(server: Server, clock: Clock) {
    this.#clock = clock;
    const connections = this.#connections;
    function forget(this: Socket): void {
      connections.delete(this);
    }
    server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
      let connection = connections.get(socket);
      if (!connection) {
        connection = new Connection(clock);
        connections.set(socket.on('close', forget), connection);
      }
      connection.due += 1;
      response.on('close', connection.answered);
    });
  }

  /** Closes the one that is idle longest, unless it was asked over a moment ago. */
  closeLongest(): void {
    const now = this.#clock.monotonic();
    if (now < this.#nothingUntil) return;
    let longest: Socket | undefined;
    let since = now;
    for (const [socket, { due, idleSince }] of this.#connections) {
      // One that has still to take its answer is not idle, and has a time of its own.
      if (due > 0 || idleSince >= since || socket.destroyed || socket.writableLength > 0) continue;
      longest = socket;
      since = idleSince;
    }
    if (longest && now - since >= leastIdleMs) longest.destroy();
    else this.#nothingUntil = since + leastIdleMs;
  }
}

class Connection {
  /** How many answers are due; several where requests do not wait for the answer before. */
  due = 0;
  idleSince = 0;
  /** One function for all requests of the connection. */
  readonly answered: () => void;

  constructor(clock: Clock) {
    this.answered = () => {
      this.due -= 1;
      if (this.due === 0) this.idleSince = clock.monotonic();
    };
  }
}
