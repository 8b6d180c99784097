/**
 * Keeps descriptors back for what is not a connection: the store, the files of the page, Node itself. Whoever
 * takes the last place has the connection closed that is idle longest. Where none is, connections over the limit are dropped
 * as they are accepted; those that are open go on, and there is room again once one of them closes.
 */

import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Clock, Timer } from '../core/clock.ts';
import { codeOf } from '../core/errors.ts';
import { IdleConnections } from './idle-connections.ts';

/** Descriptors that connections do not get. */
const reservedDescriptors = 128;
// Where the limit is too low for the reserve, connections get this share of it.
const leastShare = 1 / 4;
// How often it is said, at most, that connections are dropped.
const warnEveryMs = 5_000;

/**
 * For an application that owns its server.
 * @param descriptors how many the process may have open
 * @param warn told in one line what is wrong
 */
export function limitConnections(
  app: FastifyInstance,
  descriptors: number,
  clock: Clock,
  warn: (line: string) => void,
): void {
  if (!Number.isFinite(descriptors)) return;
  const most = connectionsWithin(descriptors);
  app.server.maxConnections = most;
  if (descriptors - most < reservedDescriptors) {
    warn(
      `At most ${descriptors} files may be open, too few to keep ${reservedDescriptors} back: ` +
        `only ${most} connections are taken at once. Raise the limit (ulimit -n, LimitNOFILE).`,
    );
  }
  const drops = new Drops(clock, (count) =>
    warn(
      `Connections dropped: ${count}. At most ${most} are taken at once, as ${descriptors} files may be open. ` +
        'Raise the limit (ulimit -n, LimitNOFILE).',
    ),
  );
  const idle = new IdleConnections(app.server, clock);
  let open = 0;
  app.server.on('connection', (socket: Socket) => {
    open += 1;
    socket.once('close', () => {
      open -= 1;
    });
    if (open >= most) idle.closeLongest();
  });
  app.server.on('drop', () => {
    drops.add();
    // For who comes next: maybe the one that was dropped, once more.
    idle.closeLongest();
  });
  app.addHook('onListen', async () => {
    // If other descriptors have eaten the reserve: no reason to end what is open.
    app.server.on('error', (error) => {
      if (!isExhaustion(error)) throw error;
      drops.add();
    });
  });
  app.addHook('onClose', async () => drops.stop());
}

/** How many connections there may be if so many descriptors may be open. */
export function connectionsWithin(descriptors: number): number {
  return Math.max(descriptors - reservedDescriptors, Math.floor(descriptors * leastShare), 1);
}

function isExhaustion(error: Error): boolean {
  const code = codeOf(error);
  return code === 'EMFILE' || code === 'ENFILE';
}

/** Counts, and says from time to time how many. */
class Drops {
  readonly #clock: Clock;
  readonly #say: (count: number) => void;
  #count = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock, say: (count: number) => void) {
    this.#clock = clock;
    this.#say = say;
  }

  add(): void {
    this.#count += 1;
    // The first one at once, what follows together.
    if (!this.#timer) this.#report();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #report(): void {
    this.#timer = undefined;
    if (this.#count === 0) return;
    this.#say(this.#count);
    this.#count = 0;
    this.#timer = this.#clock.after(warnEveryMs, () => this.#report());
  }
}
