/** The load of a soak: a room whose members the judge listens to, and guests who come and go. */

import { Crowd } from '../../test/fault/support/crowd.ts';
import { Follower } from '../../test/fault/support/follower.ts';
import { judge, type Verdict } from '../../test/fault/support/judge.ts';
import type { SeededRandom } from '../../test/fault/support/seeded-random.ts';
import { waitUntil } from '../../test/support/wait-until.ts';
import type { Doings } from './doings.ts';
import { shortSeconds } from './figures.ts';
import { Guests } from './guests.ts';
import type { SoakOptions } from './options.ts';
import { Pace } from './pace.ts';
import { type SoakedServer, sessionTimeoutSeconds } from './soaked-server.ts';

/** How many events a room keeps: the lobby is full from the start. */
export const historyEvents = 500;
const readersPerManner = 4;
const senders = 4;
/** Between two of each at `--load=1`, on average, in milliseconds; of what a sender says, at the most. */
const every = {
  say: 800,
  visit: 700,
  visitSideRoom: 2_000,
  useForms: 3_000,
  operate: 3_000,
  stall: 3_000,
  takeOver: 1_500,
  passBy: 250,
};
/** So many that each is unloaded before somebody comes again, which takes as long as a session times out. */
const sideRooms = (options: SoakOptions) => Math.ceil(3 * options.load * sessionTimeoutSeconds(options));
/** Sessions time out, and a busy machine is late. */
const goneBoundMs = 120_000;
/** More than the longest thing that a guest does. */
const guestsBoundMs = 60_000;

interface Coming {
  /** Follows the lobby. */
  readonly witness: Follower;
  readonly crowd: Crowd;
  readonly paces: Readonly<Record<string, Pace>>;
  readonly startedAt: number;
}

export class SoakLoad {
  readonly #load: number;
  readonly #bases: Bases;
  readonly #random: SeededRandom;
  readonly #guests: Guests;
  #witness: Follower | undefined;
  #coming: Coming | undefined;
  #endedAt: number | undefined;

  private constructor(options: SoakOptions, bases: Bases, random: SeededRandom) {
    this.#load = options.load;
    this.#bases = bases;
    this.#random = random;
    this.#guests = new Guests(bases, sideRooms(options), random.fork());
  }

  /** Rehearses. Sessions of it may still have to time out. */
  static async open(
    servers: readonly SoakedServer[],
    options: SoakOptions,
    random: SeededRandom,
  ): Promise<SoakLoad> {
    const bases: Bases = (room = 'lobby') => {
      const [first = '', ...rest] = servers.map((server) => server.base(room));
      return [first, ...rest];
    };
    const rehearsal = new Guests(bases, sideRooms(options), random.fork());
    await rehearsal.fillHall();
    if (options.seconds >= shortSeconds) await rehearsal.fillSideRooms(historyEvents);
    await rehearsal.rehearse();
    return new SoakLoad(options, bases, random);
  }

  /** When nobody is there: the lobby is full, and in memory, before the load as after it. */
  async settle(): Promise<void> {
    await this.#guests.fillLobby(historyEvents);
    // The log is not kept whole: whoever follows it from the start knows what it had.
    this.#witness ??= await Follower.open(this.#bases()[0]);
  }

  async start(): Promise<void> {
    const random = this.#random;
    const witness = this.#witness;
    if (!witness) throw new Error('The rooms have not settled.');
    const crowd = await Crowd.open({
      base: this.#bases(),
      readersPerManner,
      senders,
      thinkMs: this.#thinkMs,
      repeatShare: 0.1,
      random: random.fork(),
    });
    crowd.start();
    const pace = (what: Exclude<keyof typeof every, 'say'>) =>
      new Pace((number) => this.#guests[what](number), every[what] / this.#load, random.fork());
    const paces = {
      visits: pace('visit'),
      'side rooms': pace('visitSideRoom'),
      forms: pace('useForms'),
      operations: pace('operate'),
      stalls: pace('stall'),
      takeovers: pace('takeOver'),
      'passers-by': pace('passBy'),
    };
    this.#coming = { witness, crowd, paces, startedAt: performance.now() };
  }

  /** What each of them got done so far. */
  get doings(): Doings {
    const { crowd, paces, startedAt } = this.#started;
    const passedMs = (this.#endedAt ?? performance.now()) - startedAt;
    const said = [...crowd.senders.map(({ notes }) => notes), ...this.#guests.said];
    const met = [...said, ...crowd.readers.map(({ notes }) => notes)];
    const guests = Object.entries(paces).map(([what, { begun, done, refused, everyMs }]) => [
      what,
      { begun, done, refused, expected: passedMs / everyMs },
    ]);
    return {
      messages: {
        begun: sumOf(said, ({ asked }) => asked.length),
        done: sumOf(said, ({ acknowledged }) => acknowledged.length),
        refused: sumOf(met, ({ refusals, breaks }) => refusals + breaks),
        expected: (passedMs * senders) / (this.#thinkMs / 2),
      },
      ...Object.fromEntries(guests),
    };
  }

  /** Guests leave, then the crowd; what the judge says, and what guests complained of. */
  async end(): Promise<{ readonly verdict: Verdict; readonly complaints: readonly string[] }> {
    const { crowd, paces, witness } = this.#started;
    this.#endedAt = performance.now();
    const finished = Promise.all(Object.values(paces).map(finish));
    const { takeovers: _, ...others } = paces;
    await Promise.all(Object.values(others).map(finish));
    this.#guests.stop();
    await finished;
    // Whoever vanished leaves when his time is over: after that nothing happens but what the crowd does.
    const complaints: string[] = [];
    const members = crowd.readers.length + crowd.senders.length;
    await untilLeft(witness, members).catch((error: Error) => complaints.push(error.message));
    const record = await crowd.settle(async () => {
      await witness.reaches(crowd.newestId);
      return [...witness.events];
    });
    const verdict = judge(
      { ...record, senders: [...record.senders, ...this.#guests.said] },
      { allowsLeaves: true, allowsGaps: true },
    );
    for (const [what, pace] of Object.entries(paces)) {
      complaints.push(...pace.complaints.map((complaint) => `${what}: ${complaint}`));
    }
    return { verdict, complaints };
  }

  /** Ends everybody at once, the witness too. */
  async stop(): Promise<void> {
    this.#guests.stop();
    const { crowd, paces = {} } = this.#coming ?? {};
    await Promise.all(Object.values(paces).map(finish));
    await crowd?.stop();
    await this.#witness?.stop();
  }

  get #started(): Coming {
    if (!this.#coming) throw new Error('The load has not started.');
    return this.#coming;
  }

  get #thinkMs(): number {
    return every.say / this.#load;
  }
}

/** By the log: an instance of several does not know what sessions the others serve. */
async function untilLeft({ events }: Follower, members: number): Promise<void> {
  const count = (type: string) => events.filter((event) => event.type === type).length;
  const isLeft = () => count('join') - count('leave') === members;
  await waitUntil(isLeft, `only the ${members} of the crowd were left`, goneBoundMs, 200);
}

/** Where a room is found, on each instance. */
type Bases = (room?: string) => readonly [string, ...string[]];

function finish(pace: Pace): Promise<void> {
  return pace.finish(guestsBoundMs);
}

function sumOf<T>(list: readonly T[], count: (one: T) => number): number {
  return list.reduce((sum, one) => sum + count(one), 0);
}
