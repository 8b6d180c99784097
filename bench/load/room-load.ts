/** The subscribers and publishers of one room, and the proof of what went between them. */

import { markerText } from './message.ts';
import { openSessions } from './parlor-sessions.ts';
import { Publisher, type SendCounters } from './publisher.ts';
import { type StreamCounters, StreamReader } from './stream-reader.ts';
import { ProofError, Transcript } from './transcript.ts';
import { events, inTurn, type StreamKind, streamGreeting, streamHead, type Wire } from './wire.ts';

export interface StreamsWanted {
  readonly kind: StreamKind;
  readonly count: number;
}

// Connections that are being made at once while a run is set up.
const openingAtOnce = 128;
// From one address of this machine: there are some 28,000 ports.
const streamsPerAddress = 4_000;
// Ports that the run before has used are not free again for a minute.
const ownNetwork = 1 + (process.pid % 250);
const markerTimeoutMs = 60_000;
const stepMs = 2;

export class RoomLoad {
  readonly #wire: Wire;
  readonly #room: string;
  readonly counters: StreamCounters = { reads: 0, failure: undefined };
  readonly transcript: Transcript;
  streams: StreamReader[] = [];
  readonly publishers: Publisher[] = [];
  #markers = 0;

  constructor(wire: Wire, room: string) {
    this.#wire = wire;
    this.#room = room;
    this.transcript = new Transcript(events[wire.kind]);
  }

  /** Opens streams, and resolves when all have their heads. */
  async open({ kind, count }: StreamsWanted): Promise<void> {
    const wanted = {
      room: this.#room,
      delivery: 'push',
      count,
      name: `reader ${this.streams.length} `,
    } as const;
    const tokens = kind === 'members' ? await openSessions(this.#wire, wanted) : [];
    let next = 0;
    const work = async () => {
      while (next < count) {
        const token = tokens[next++];
        await new Promise<void>((resolve, reject) => {
          const stream = this.connect(token === undefined ? {} : { Authorization: `Bearer ${token}` });
          stream.onOpen = resolve;
          stream.onFailure = reject;
        });
      }
    };
    await Promise.all(Array.from({ length: Math.min(openingAtOnce, count) }, work));
  }

  /** Begins to open one stream. */
  connect(headers: Readonly<Record<string, string>>): StreamReader {
    const { host, port } = inTurn(this.#wire, this.streams.length);
    const address = Math.floor(this.streams.length / streamsPerAddress);
    const stream = new StreamReader(
      {
        host,
        port,
        localAddress: address === 0 ? undefined : `127.${ownNetwork}.0.${address + 1}`,
        head: streamHead(this.#wire, this.#room, headers),
        greeting: streamGreeting(this.#wire),
      },
      this.transcript,
      this.counters,
    );
    this.streams.push(stream);
    return stream;
  }

  /** Forgets a stream. */
  drop(stream: StreamReader): void {
    this.streams = this.streams.filter((each) => each !== stream);
  }

  /** @param firstNumber of the publishers in this room: each has a number of its own */
  async addPublishers(
    count: number,
    firstNumber: number,
    messageBytes: number,
    counters: SendCounters,
  ): Promise<void> {
    const wanted = { room: this.#room, delivery: 'pull', count, name: `publisher ${firstNumber} ` } as const;
    const tokens = this.#wire.kind === 'parlor' ? await openSessions(this.#wire, wanted) : [];
    for (let index = 0; index < count; index++) {
      this.publishers.push(
        new Publisher(
          {
            wire: inTurn(this.#wire, firstNumber + index),
            room: this.#room,
            number: firstNumber + index,
            token: tokens[index],
            messageBytes,
            transcript: this.transcript,
          },
          counters,
        ),
      );
    }
  }

  /** Says something, after which the proof of all streams begins; resolves when all have it. */
  async synchronise(): Promise<void> {
    const [publisher] = this.publishers;
    const waiting = this.streams.filter((stream) => !stream.isLive);
    if (waiting.length === 0 || !publisher) return;
    const marker = markerText(this.#markers++);
    for (const stream of waiting) stream.seek(marker);
    await publisher.say(marker);
    const deadline = performance.now() + markerTimeoutMs;
    while (!waiting.every(({ isLive }) => isLive)) {
      this.requireNoFailure();
      if (performance.now() > deadline) {
        const missing = waiting.filter(({ isLive }) => !isLive).length;
        throw new ProofError(`${missing} of ${waiting.length} streams have not got the first message.`);
      }
      await pause();
    }
  }

  /**
   * Waits until every stream has got every message.
   * @throws ProofError if that does not happen within `ms`, or if anything else came
   */
  async prove(ms: number): Promise<void> {
    const deadline = performance.now() + ms;
    while (!this.#isComplete) {
      this.requireNoFailure();
      if (performance.now() > deadline) throw new ProofError(this.#shortfall());
      await pause();
    }
    this.requireNoFailure();
  }

  requireNoFailure(): void {
    if (this.counters.failure) throw this.counters.failure;
  }

  close(): void {
    for (const stream of this.streams) stream.close();
    for (const publisher of this.publishers) publisher.close();
  }

  get #isComplete(): boolean {
    const { transcript } = this;
    if (transcript.count !== this.#said) return this.streams.length === 0;
    return this.streams.every(({ position }) => position === transcript.length);
  }

  get #said(): number {
    return this.publishers.reduce((sum, { sequence }) => sum + sequence, 0);
  }

  #shortfall(): string {
    const said = this.#said;
    const behind = this.streams.filter(({ message }) => message < said);
    const least = behind.reduce((sum, { message }) => Math.min(sum, message), said);
    return `${behind.length} of ${this.streams.length} streams lack messages: ${said} were said, one has got ${least}.`;
  }
}

export function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, stepMs));
}
