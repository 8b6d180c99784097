/** Three instances on one Redis, as processes of their own, and what may happen to them. */

import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { RedisLine } from '../../support/redis-line.ts';
import { RedisServer } from '../../support/redis-server.ts';
import { LastingServer } from './lasting-server.ts';
import type { RedisNetwork } from './redis-network.ts';
import type { SeededRandom } from './seeded-random.ts';

export interface ClusterOptions {
  /** Of redis-server's command line. */
  readonly settings?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly instances?: number;
  /** Where Redis is, with a cable for each of them. */
  readonly network?: RedisNetwork | undefined;
  /** Whether they reach Redis without a line that can be cut: it runs in this process, and what keeps that busy keeps it. */
  readonly isDirect?: boolean;
  /** What is in the environment of one instance alone. */
  readonly envOf?: (index: number) => Readonly<Record<string, string>>;
}

/** What leads to Redis. */
interface Cuttable {
  cut(): void | Promise<void>;
  mend(): void | Promise<void>;
}

/** Every write is on the disk before it is acknowledged: what was, a kill of Redis does not lose. */
const durable: readonly string[] = ['--appendonly', 'yes', '--appendfsync', 'always'];

export const adminToken = 'an-operator-of-the-clusters-tests';
const usual = { ADMIN_TOKEN: adminToken, MAX_MESSAGE_BYTES: '64KiB' };
// Redis does not count the first 16 KiB.
const largeBytes = 40_000;

export class Cluster {
  readonly redis: RedisServer;
  readonly instances: readonly LastingServer[];
  readonly #lines: readonly Cuttable[];

  private constructor(redis: RedisServer, instances: readonly LastingServer[], lines: readonly Cuttable[]) {
    this.redis = redis;
    this.#lines = lines;
    this.instances = instances;
  }

  /** Started, and gone after the test. */
  static async start(t: TestContext, options: ClusterOptions = {}): Promise<Cluster> {
    const { settings = durable, env = {}, instances: count = 3, isDirect = false, envOf, network } = options;
    const redis = await RedisServer.start(settings, network?.place);
    t.after(() => redis.dispose());
    const instances: LastingServer[] = [];
    const lines: Cuttable[] = [];
    for (let index = 0; index < count; index++) {
      const line = isDirect || network ? undefined : await RedisLine.open(t, redis.port);
      if (line) lines.push(line);
      else if (network) lines.push({ cut: () => network.cut(index), mend: () => network.mend(index) });
      const address = `${network?.addressOf(index) ?? '127.0.0.1'}:${(line ?? redis).port}`;
      const own = { ...usual, ...env, STORE_URL: `redis://${address}`, ...envOf?.(index) };
      instances.push(await LastingServer.open(t, own));
    }
    const cluster = new Cluster(redis, instances, lines);
    await Promise.all(instances.map((instance) => instance.start()));
    return cluster;
  }

  /** The address of a room on each instance. */
  bases(room = 'lobby'): readonly [string, ...string[]] {
    const [first = '', ...rest] = this.instances.map((instance) => instance.base(room));
    return [first, ...rest];
  }

  /** The index of an instance. */
  anyone(random: SeededRandom): number {
    return random.between(0, this.instances.length - 1);
  }

  /** `kill -9` of one instance, which is started again after a while. */
  async killInstance(random: SeededRandom, index = this.anyone(random)): Promise<void> {
    const instance = this.instances[index % this.instances.length];
    await instance?.kill();
    await delay(random.between(0, 500));
    await instance?.start();
  }

  /** Redis is gone for a while, as by a power cut, and comes back with what its disk has. */
  async stopRedis(ms: number): Promise<void> {
    await this.redis.kill();
    await delay(ms);
    await this.redis.run();
  }

  /** Redis says nothing for a while, and then carries out what it was sent meanwhile. */
  async freezeRedis(ms: number): Promise<void> {
    this.redis.signal('SIGSTOP');
    await delay(ms);
    this.redis.signal('SIGCONT');
  }

  /** One instance is cut off from Redis, and from all that others hear, for a while; its clients reach it all the time. */
  async cutOff(index: number, ms: number): Promise<void> {
    await this.#lines[index]?.cut();
    await delay(ms);
    await this.#lines[index]?.mend();
  }

  /** All connections to Redis are cut, again and again. */
  async cutConnections(times: number, everyMs: number): Promise<void> {
    for (let left = times; left > 0; left--) {
      await this.redis.command('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await this.redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await delay(everyMs);
    }
  }

  /** Redis drops whoever listens and is told too much at once, which then happens again and again; how many have come again for that. */
  async limitOutput(times: number, everyMs: number, random: SeededRandom): Promise<number> {
    const before = await this.#listening();
    const after = new Set(before);
    await this.redis.command('CONFIG', 'SET', 'client-output-buffer-limit', 'pubsub 1 0 0');
    for (let left = times; left > 0; left--) {
      await this.#announce(random.pick(this.bases()), 'x'.repeat(largeBytes));
      await delay(everyMs);
      for (const id of await this.#listening()) after.add(id);
    }
    await this.redis.command('CONFIG', 'SET', 'client-output-buffer-limit', 'pubsub 33554432 8388608 60');
    return after.size - before.size;
  }

  /** Resolves once every instance takes work. */
  async ready(): Promise<void> {
    await Promise.all(this.instances.map((instance) => instance.ready()));
  }

  async #announce(base: string, message: string): Promise<void> {
    const response = await fetch(`${base.replace('/v1/', '/v1/admin/')}/announcements`, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ message }),
    });
    const text = await response.text();
    // Whether it was committed nobody may know, with its connection cut.
    if (response.status !== 201 && response.status !== 503) throw new Error(text);
  }

  /** The connections that listen to Redis, each by a number that no other ever had. */
  async #listening(): Promise<ReadonlySet<string>> {
    const list = String(await this.redis.command('CLIENT', 'LIST', 'TYPE', 'pubsub'));
    return new Set(list.match(/^id=\d+/gm));
  }
}
