/**
 * The addresses of one service, any of which may answer. Each call begins at the next, so that they share the load; one
 * that has failed is passed over for a while, unless no other is left.
 */

import { connect } from 'node:net';
import type { Clock } from '../core/clock.ts';

const passedOverMs = 10_000;
const connectMs = 2_000;

export interface ServiceAddressesOptions {
  readonly urls: readonly string[];
  readonly clock: Clock;
  /** How long all tries of one call may take together. */
  readonly timeoutMs: number;
  /** Told in half a line of an address that fails from now on, until it answers again. */
  readonly warn: (line: string) => void;
}

interface Address {
  readonly url: string;
  /** In monotonic milliseconds. */
  passedOverUntil: number;
  /** Since it answered last: told once. */
  isFailing: boolean;
}

export class ServiceAddresses {
  readonly #addresses: readonly Address[];
  readonly #options: ServiceAddressesOptions;
  #next = 0;

  constructor(options: ServiceAddressesOptions) {
    this.#options = options;
    this.#addresses = options.urls.map((url) => ({
      url,
      passedOverUntil: Number.NEGATIVE_INFINITY,
      isFailing: false,
    }));
  }

  /** Finds out once whether anybody is there, and holds up nobody: a service may start later. */
  connectOnce(): void {
    for (const { url } of this.#addresses) {
      const { hostname, port, protocol } = new URL(url);
      const socket = connect({
        host: hostname.replace(/^\[|\]$/g, ''),
        port: Number(port) || (protocol === 'https:' ? 443 : 80),
        timeout: connectMs,
      }).unref();
      socket.once('connect', () => socket.destroy());
      socket.once('timeout', () => socket.destroy(new Error('it does not answer')));
      socket.once('error', (error) =>
        this.#options.warn(`${nameOf(url)} cannot be reached (${reasonOf(error)})`),
      );
    }
  }

  /**
   * Tries one address after the other until one answers; each has its share of what is left of the time.
   * @param ask throws if this one fails
   * @returns undefined if none answers
   */
  async call<T>(ask: (url: string, signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    const { clock, timeoutMs } = this.#options;
    const deadline = clock.monotonic() + timeoutMs;
    const addresses = this.#inTurn();
    for (const [index, address] of addresses.entries()) {
      const share = (deadline - clock.monotonic()) / (addresses.length - index);
      if (share <= 0) break;
      try {
        const answer = await this.#within(share, (signal) => ask(address.url, signal));
        address.passedOverUntil = Number.NEGATIVE_INFINITY;
        address.isFailing = false;
        return answer;
      } catch (error) {
        this.#failed(address, error);
      }
    }
    return undefined;
  }

  /** Those to try, beginning with the next; those that are passed over only if there are no others. */
  #inTurn(): readonly Address[] {
    const now = this.#options.clock.monotonic();
    const first = this.#next++ % this.#addresses.length;
    const turned = [...this.#addresses.slice(first), ...this.#addresses.slice(0, first)];
    const fit = turned.filter(({ passedOverUntil }) => passedOverUntil <= now);
    return fit.length > 0 ? fit : turned;
  }

  #failed(address: Address, error: unknown): void {
    const { clock, warn } = this.#options;
    address.passedOverUntil = clock.monotonic() + passedOverMs;
    if (!address.isFailing) warn(`${nameOf(address.url)} fails (${reasonOf(error)})`);
    address.isFailing = true;
  }

  async #within<T>(ms: number, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const impatience = new AbortController();
    const timer = this.#options.clock.after(ms, () =>
      impatience.abort(new Error('it does not answer in time')),
    );
    try {
      return await ask(impatience.signal);
    } finally {
      timer.cancel();
    }
  }
}

/** An address without what may be secret in it. */
function nameOf(url: string): string {
  return new URL(url).origin;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  const reason = cause instanceof Error && cause.message !== '' ? cause.message : error.message;
  return (reason || error.name).replace(/[\p{Cc}\p{Cf}]/gu, ' ').replace(/\.$/, '');
}
