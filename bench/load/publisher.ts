/** One publisher: says one message at a time, over a connection of its own. */

import { HttpConnection } from './http-connection.ts';
import { Latencies } from './latencies.ts';
import { messageText, nowMicros } from './message.ts';
import { ProofError, type Transcript } from './transcript.ts';
import { publishRequest, type Wire } from './wire.ts';

export interface PublisherOptions {
  readonly wire: Wire;
  readonly room: string;
  readonly number: number;
  readonly token: string | undefined;
  readonly messageBytes: number;
  readonly transcript: Transcript;
}

/** What the acknowledged sends of all publishers came to. */
export class SendCounters {
  acknowledged = 0;
  failure: Error | undefined;
  readonly latencies = new Latencies();
}

export class Publisher {
  readonly options: PublisherOptions;
  readonly #counters: SendCounters;
  readonly #connection: HttpConnection;
  sequence = 0;

  constructor(options: PublisherOptions, counters: SendCounters) {
    this.options = options;
    this.#counters = counters;
    const { host, port } = options.wire;
    this.#connection = new HttpConnection(host, port, (error) => this.#fail(error.message));
  }

  get isBusy(): boolean {
    return this.#connection.isBusy;
  }

  /**
   * Says the next message.
   * @param sentAt when it was to be said, in microseconds
   * @param onSent once it is acknowledged
   */
  send(sentAt: number, onSent: () => void): void {
    const { wire, room, number: publisher, token, messageBytes } = this.options;
    const text = messageText({ publisher, sequence: this.sequence++, sentAt }, messageBytes);
    this.#connection.ask(publishRequest(wire, room, text, token), (status, answer) => {
      if (status < 200 || status > 299) {
        this.#fail(`it was answered ${answer.slice(0, 500)}`);
        return;
      }
      const { from, to } = this.options.transcript.window;
      const now = nowMicros();
      if (now >= from && now < to) {
        this.#counters.acknowledged++;
        this.#counters.latencies.record(now - sentAt);
      }
      onSent();
    });
  }

  /** Says something else, which counts for nothing. */
  async say(text: string): Promise<void> {
    const { wire, room, token } = this.options;
    const { status, answer } = await this.#connection.call(publishRequest(wire, room, text, token));
    if (status < 200 || status > 299) throw new Error(`it was answered ${answer.slice(0, 500)}`);
  }

  close(): void {
    this.#connection.close();
  }

  #fail(why: string): void {
    this.#counters.failure ??= new ProofError(`A message could not be sent: ${why}.`);
  }
}
