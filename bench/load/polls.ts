/** Polls that find nothing, over keep-alive connections: each asks again as soon as it is answered. */

import { HttpConnection } from './http-connection.ts';
import { Latencies } from './latencies.ts';
import { until } from './measured-load.ts';
import { nowMicros } from './message.ts';
import { openSessions } from './parlor-sessions.ts';
import { usageOf } from './process-usage.ts';
import { requestHead, type Wire } from './wire.ts';

export interface PollsWanted {
  readonly connections: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

export interface PollFigures {
  readonly pollsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly serverCpu: number;
  readonly generatorCpu: number;
  /** Microseconds of the server's CPU. */
  readonly cpuPerPoll: number;
}

/** The sessions that poll, each with its request. */
export class Pollers {
  readonly #wire: Wire;
  readonly #requests: string[] = [];

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  /** Opens sessions, with Parlor; another server is sent the same requests under tokens that mean nothing. */
  async add(room: string, count: number): Promise<void> {
    const tokens = await this.#tokens(room, count);
    const after = await this.#cursor(room, tokens[0]);
    for (const token of tokens) this.#requests.push(this.#request(room, `updates?after=${after}`, token));
  }

  async poll({ connections, warmUpMs, measureMs }: PollsWanted): Promise<PollFigures> {
    const { host, port, pids } = this.#wire;
    const latencies = new Latencies();
    const from = nowMicros() + warmUpMs * 1000;
    const to = from + measureMs * 1000;
    let failure: Error | undefined;
    let next = 0;
    let polls = 0;
    const fail = (error: Error) => {
      failure ??= error;
    };
    const all = Array.from({ length: connections }, () => new HttpConnection(host, port, fail));
    const ask = (connection: HttpConnection) => {
      const sentAt = nowMicros();
      if (sentAt >= to || failure) return;
      const request = this.#requests[next++ % this.#requests.length] as string;
      connection.ask(request, (status, answer) => {
        const now = nowMicros();
        if (status !== 200 || !answer.includes('{"events":[],"cursor":"')) {
          fail(new Error(`A poll was answered ${answer.slice(0, 500)}`));
          return;
        }
        if (now >= from && now < to) {
          polls++;
          latencies.record(now - sentAt);
        }
        ask(connection);
      });
    };
    for (const connection of all) ask(connection);
    await until(from);
    const [before, ownBefore] = [usageOf(pids), process.cpuUsage()];
    await until(to);
    const [after, own] = [usageOf(pids), process.cpuUsage(ownBefore)];
    for (const connection of all) connection.close();
    if (failure) throw failure;
    const cpuMs = after.cpuMs - before.cpuMs;
    return {
      pollsPerSecond: (polls * 1000) / measureMs,
      p50: latencies.quantile(0.5),
      p99: latencies.quantile(0.99),
      serverCpu: cpuMs / measureMs,
      generatorCpu: (own.user + own.system) / 1000 / measureMs,
      cpuPerPoll: polls === 0 ? 0 : (cpuMs * 1000) / polls,
    };
  }

  async #tokens(room: string, count: number): Promise<string[]> {
    if (this.#wire.kind === 'parlor') {
      return openSessions(this.#wire, { room, delivery: 'pull', count, name: 'poller ' });
    }
    return Array.from({ length: count }, (_, index) => `token-of-a-session-that-nobody-looks-for-${index}`);
  }

  async #cursor(room: string, token: string | undefined): Promise<string> {
    if (this.#wire.kind !== 'parlor' || token === undefined) return 'epoch-1000';
    const connection = new HttpConnection(this.#wire.host, this.#wire.port, () => {});
    const { answer } = await connection.call(this.#request(room, 'users', token));
    connection.close();
    const [, cursor] = /"cursor":"([^"]+)"/.exec(answer) ?? [];
    if (cursor === undefined) throw new Error(`getInitialUsers answered ${answer.slice(0, 500)}`);
    return cursor;
  }

  #request(room: string, operation: string, token: string): string {
    const path = `/v1/rooms/${room}/session/${operation}`;
    return requestHead('GET', path, { Host: this.#wire.host, Authorization: `Bearer ${token}` });
  }
}
