/**
 * Creates sessions. Until one works, its key stays: if the answer was lost, or its cookie (another tab's `destroy`
 * of the old one may clear it), asking again gives the same session instead of a taken name [SES-10].
 */

import type { RoomApi } from './api.ts';
import { maxFutileSessions } from './bounds.ts';
import { randomId } from './random-id.ts';
import type { Joiner } from './wire.ts';

export class SessionMaker {
  readonly #api: RoomApi;
  #key: string | undefined;
  #joiner: Joiner = {};
  #futileSessions = 0;
  /** The attempt that is not answered yet. Never rejects. */
  underWay: ReturnType<RoomApi['create']> | undefined;

  constructor(api: RoomApi) {
    this.#api = api;
  }

  /** Whether creating once more makes sense. */
  get hasHope(): boolean {
    return this.#futileSessions < maxFutileSessions;
  }

  /** The session that was created last has brought something: a new one would be another. */
  worked(): void {
    this.#futileSessions = 0;
    this.#key = undefined;
  }

  /** Somebody asks for a session of his own. */
  isFor(joiner: Joiner): void {
    this.#futileSessions = 0;
    if (this.#joiner.name !== joiner.name) this.#key = undefined;
    this.#joiner = joiner;
  }

  /** @param name as which one was inside, if one was */
  async create(name = this.#joiner.name): ReturnType<RoomApi['create']> {
    this.#key ??= randomId();
    const underWay = this.#api.create({ ...this.#joiner, name }, this.#key);
    this.underWay = underWay;
    const answer = await underWay;
    if (this.underWay === underWay) this.underWay = undefined;
    if (answer.ok) this.#futileSessions += 1;
    return answer;
  }
}
