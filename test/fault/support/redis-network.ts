/**
 * A network of Redis' own, a namespace of the kernel without a name, with a cable to it for every instance, which a test can
 * pull. The other ends are in the network of the machine, which takes an administrator; they are gone with the namespace.
 */

import { execFile } from 'node:child_process';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { searchPath } from '../../support/needs.ts';
import type { RedisPlace } from '../../support/redis-server.ts';
import { holdNamespace } from './held-namespace.ts';

const run = promisify(execFile);

export class RedisNetwork {
  /** Where Redis is to be started; who meddles with it has a cable of his own. */
  readonly place: RedisPlace;
  readonly #pid: number;

  private constructor(pid: number, cables: number) {
    this.#pid = pid;
    this.place = { enter: ['nsenter', '-t', `${pid}`, '-n'], host: this.addressOf(cables) };
  }

  /** Undefined if it cannot be made here. */
  static async make(t: TestContext, cables: number): Promise<RedisNetwork | undefined> {
    if (process.getuid?.() !== 0) return undefined;
    const holder = await holdNamespace(t, ['unshare', '-n']);
    if (!holder?.pid) return undefined;
    const network = new RedisNetwork(holder.pid, cables);
    for (let index = 0; index <= cables; index++) await network.#lay(index);
    return network;
  }

  /** Redis, as an instance reaches it by its cable. */
  addressOf(index: number): string {
    return `${this.#block(index)}.2`;
  }

  /** From now on packets vanish, both ways, and nobody is told. */
  async cut(index: number): Promise<void> {
    await this.#ip('link', 'set', this.#name(index), 'down');
  }

  async mend(index: number): Promise<void> {
    await this.#ip('link', 'set', this.#name(index), 'up');
  }

  async #lay(index: number): Promise<void> {
    const [near, far] = [this.#name(index), `redis${index}`];
    await this.#ip('link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', `${this.#pid}`);
    await this.#ip('address', 'add', `${this.#block(index)}.1/30`, 'dev', near);
    await this.#ip('link', 'set', near, 'up');
    const inside = [...this.place.enter, 'ip'];
    await this.#run([...inside, 'address', 'add', `${this.addressOf(index)}/30`, 'dev', far]);
    await this.#run([...inside, 'link', 'set', far, 'up']);
  }

  #name(index: number): string {
    return `prl${this.#pid}-${index}`;
  }

  /** Of the addresses that are kept for tests (RFC 2544), some that go with this process. */
  #block(index: number): string {
    const number = (this.#pid * 8 + index) % 0x200;
    return `198.${18 + (number >> 8)}.${number & 0xff}`;
  }

  #ip(...words: readonly string[]): Promise<void> {
    return this.#run(['ip', ...words]);
  }

  async #run([program = '', ...args]: readonly string[]): Promise<void> {
    await run(program, args, { env: { PATH: searchPath } });
  }
}
