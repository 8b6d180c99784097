/**
 * Bounds what answers cost that nobody reads [P-3]: they stay in memory until their connection takes them. Streams
 * have bounds of their own [FAN-3].
 */

import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

// How many requests may wait on a connection for the answers before theirs: Node alone would let a thousand of them
// through, for it stops reading only between two reads.
const maxWaiting = 16;
// After this a request that waits cuts its connection off: what is before it is no poll but a stream.
const maxTurnMs = 30_000;
// What is shorter, the system takes over at once.
const shortAnswer = 1024;

/**
 * For an application that owns its server.
 * @param slowMs after how long in which a connection took nothing of its answer it is cut off
 */
export function boundUnreadAnswers(app: FastifyInstance, slowMs: number): void {
  const queues = new WeakMap<Socket, Queue>();

  app.addHook('onRequest', (request, reply, done) => {
    if (reply.raw.socket) {
      done();
      return;
    }
    const { socket } = request.raw;
    const queue = queues.get(socket) ?? new Queue(socket);
    queues.set(socket, queue);
    if (queue.add(reply.raw)) done();
    else reply.hijack();
  });

  app.addHook('onSend', (_request, reply, payload, done) => {
    const isShort = typeof payload === 'string' ? payload.length <= shortAnswer : !payload;
    // Node destroys the socket then, and sets another time when the answer is out.
    if (!isShort) reply.raw.setTimeout(slowMs);
    done();
  });
}

/** The requests of one connection that wait for their turn. */
class Queue {
  readonly #socket: Socket;
  #length = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.once('close', () => clearTimeout(this.#timer));
  }

  /** False if it was one too many: the connection is cut off. */
  add(response: ServerResponse): boolean {
    if (this.#length >= maxWaiting) this.#socket.destroy();
    if (this.#socket.destroyed) return false;
    this.#length += 1;
    this.#timer ??= setTimeout(() => this.#socket.destroy(), maxTurnMs).unref();
    response.once('socket', () => this.#next());
    return true;
  }

  #next(): void {
    this.#length -= 1;
    if (this.#length > 0) this.#timer?.refresh();
    else {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
  }
}
