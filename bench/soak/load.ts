/** The load of a soak: a room whose members the judge listens to, and guests who come and go. */

import { Crowd } from '../../test/fault/support/crowd.ts';
import { Follower } from '../../test/fault/support/follower.ts';
import { judge, type Verdict } from '../../test/fault/support/judge.ts';
import type { SeededRandom } from '../../test/fault/support/seeded-random.ts';
import { waitUntil } from '../../test/support/wait-until.ts';
import { Guests } from './guests.ts';
import { Pace } from './pace.ts';
import type { SoakedServer } from './soaked-server.ts';

const readersPerManner = 4;
const senders = 4;
/** Between two of each at `--load=1`, on average, in milliseconds; of what a sender says, at the most. */
const every = { say: 800, visit: 700, visitSideRoom: 2_000, stall: 3_000, takeOver: 1_500, passBy: 250 };
/** Sessions time out, and a busy machine is late. */
const goneBoundMs = 120_000;

/** What is said in a second in the lobby, nearly. */
export function eventsPerSecond(load: number): number {
  return load * (senders / (every.say / 2000) + 3000 / every.visit);
}

export class SoakLoad {
  readonly #witness: Follower;
  readonly #crowd: Crowd;
  readonly #guests: Guests;
  readonly #paces: Readonly<Record<string, Pace>>;

  private constructor(
    witness: Follower,
    crowd: Crowd,
    guests: Guests,
    paces: Readonly<Record<string, Pace>>,
  ) {
    this.#witness = witness;
    this.#crowd = crowd;
    this.#guests = guests;
    this.#paces = paces;
  }

  static async start(
    servers: readonly SoakedServer[],
    load: number,
    random: SeededRandom,
  ): Promise<SoakLoad> {
    const bases = (room = 'lobby'): readonly [string, ...string[]] => {
      const [first = '', ...rest] = servers.map((server) => server.base(room));
      return [first, ...rest];
    };
    const guests = new Guests(bases, random.fork());
    await guests.fillHall();
    // The log is not kept whole: whoever follows it from the start knows what it had.
    const witness = await Follower.open(bases()[0]);
    const crowd = await Crowd.open({
      base: bases(),
      readersPerManner,
      senders,
      thinkMs: every.say / load,
      repeatShare: 0.1,
      random: random.fork(),
    });
    crowd.start();
    const pace = (what: 'visit' | 'visitSideRoom' | 'stall' | 'takeOver' | 'passBy') =>
      new Pace((number) => guests[what](number), every[what] / load, random.fork());
    return new SoakLoad(witness, crowd, guests, {
      visits: pace('visit'),
      'side rooms': pace('visitSideRoom'),
      stalls: pace('stall'),
      takeovers: pace('takeOver'),
      'passers-by': pace('passBy'),
    });
  }

  /** How often each was done so far. */
  get done(): Readonly<Record<string, number>> {
    const counts = Object.entries(this.#paces).map(([what, { done }]) => [what, done]);
    const messages = this.#crowd.acknowledged + this.#guests.said.length;
    const refusals = Object.values(this.#paces).reduce((sum, { refused }) => sum + refused, 0);
    return { messages, ...Object.fromEntries(counts), refusals };
  }

  /** Guests leave, then the crowd; what the judge says, and what guests complained of. */
  async end(): Promise<{ readonly verdict: Verdict; readonly complaints: readonly string[] }> {
    const finished = Object.values(this.#paces).map((pace) => pace.finish());
    const { takeovers, ...others } = this.#paces;
    await Promise.all(Object.values(others).map((pace) => pace.finish()));
    this.#guests.stop();
    await Promise.all(finished);
    // Whoever vanished leaves when his time is over: after that nothing happens but what the crowd does.
    const { length: members } = [...this.#crowd.readers, ...this.#crowd.senders];
    await this.#untilLeft(members);
    const record = await this.#crowd.settle(async () => {
      await this.#witness.reaches(this.#crowd.newestId);
      return [...this.#witness.events];
    });
    await this.#witness.stop();
    const verdict = judge(
      { ...record, senders: [...record.senders, ...this.#guests.said] },
      { allowsLeaves: true, allowsGaps: true },
    );
    const complaints = Object.entries(this.#paces).flatMap(([what, pace]) =>
      pace.complaints.map((complaint) => `${what}: ${complaint}`),
    );
    return { verdict, complaints };
  }

  /** Ends everybody at once. */
  async stop(): Promise<void> {
    this.#guests.stop();
    await Promise.all(Object.values(this.#paces).map((pace) => pace.finish()));
    await this.#crowd.stop();
    await this.#witness.stop();
  }

  /** By the log: an instance of several does not know what sessions the others serve. */
  async #untilLeft(members: number): Promise<void> {
    const count = (type: string) => this.#witness.events.filter((event) => event.type === type).length;
    const isLeft = () => count('join') - count('leave') === members;
    await waitUntil(isLeft, `only the ${members} of the crowd were left`, goneBoundMs, 200);
  }
}
