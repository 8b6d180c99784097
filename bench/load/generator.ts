/**
 * The process that loads a server: it does what it is told by messages `{id, method, argument}` and answers
 * `{id, result}` or `{id, error}`; in between it may say `{signal}`. One process serves one run.
 */

import { type LoadFigures, type LoadWanted, type RestFigures, runLoad, runRest } from './measured-load.ts';
import { Pollers, type PollFigures, type PollsWanted } from './polls.ts';
import { SendCounters } from './publisher.ts';
import { RoomLoad, type StreamsWanted } from './room-load.ts';
import { runStorm, type StormFigures, type StormWanted } from './storm.ts';
import { ProofError } from './transcript.ts';
import type { Wire } from './wire.ts';

export interface Place {
  readonly room: string;
}

export interface PublishersWanted {
  readonly count: number;
  readonly messageBytes: number;
}

class Generator {
  readonly #rooms = new Map<string, RoomLoad>();
  readonly #sends = new SendCounters();
  #wire: Wire | undefined;
  #pollers: Pollers | undefined;
  #publishers = 0;

  /** Which server is loaded. */
  async use(wire: Wire): Promise<void> {
    this.#wire = wire;
    this.#pollers = new Pollers(wire);
  }

  async open({ room, ...wanted }: Place & StreamsWanted): Promise<void> {
    await this.#room(room).open(wanted);
  }

  async addPublishers({ room, count, messageBytes }: Place & PublishersWanted): Promise<void> {
    const firstNumber = this.#publishers;
    this.#publishers += count;
    await this.#room(room).addPublishers(count, firstNumber, messageBytes, this.#sends);
  }

  /** From here on everything that comes is proved. */
  async synchronise(): Promise<void> {
    for (const room of this.#rooms.values()) await room.synchronise();
  }

  load(wanted: LoadWanted): Promise<LoadFigures> {
    return runLoad(this.#target, [...this.#rooms.values()], this.#sends, wanted);
  }

  rest(wanted: Pick<LoadWanted, 'warmUpMs' | 'measureMs'>): Promise<RestFigures> {
    return runRest(this.#target, wanted);
  }

  storm({ room, ...wanted }: Place & StormWanted): Promise<StormFigures> {
    const signal = (what: string) => process.send?.({ signal: what });
    return runStorm(this.#target, this.#room(room), this.#sends, wanted, signal);
  }

  async addPollers({ room, count }: Place & { readonly count: number }): Promise<void> {
    await this.#pollers?.add(room, count);
  }

  poll(wanted: PollsWanted): Promise<PollFigures> {
    if (!this.#pollers) throw new Error('It was not said which server to load.');
    return this.#pollers.poll(wanted);
  }

  async close(): Promise<void> {
    for (const room of this.#rooms.values()) room.close();
    this.#rooms.clear();
  }

  get #target(): Wire {
    if (!this.#wire) throw new Error('It was not said which server to load.');
    return this.#wire;
  }

  #room(name: string): RoomLoad {
    let room = this.#rooms.get(name);
    if (!room) {
      room = new RoomLoad(this.#target, name);
      this.#rooms.set(name, room);
    }
    return room;
  }
}

/** What can be asked of a generator. */
export type GeneratorMethods = Generator;

interface Request {
  readonly id: number;
  readonly method: keyof Generator;
  readonly argument: never;
}

const generator = new Generator();
process.on('message', ({ id, method, argument }: Request) => {
  generator[method](argument).then(
    (result: unknown) => process.send?.({ id, result }),
    (error: unknown) => {
      const isProof = error instanceof ProofError;
      const { message, stack = message } = error instanceof Error ? error : new Error(String(error));
      process.send?.({ id, error: { message: isProof ? message : stack, isProof } });
    },
  );
});
process.on('disconnect', () => process.exit());
