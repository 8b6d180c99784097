/** The notebooks of clients: they write down what came, as it came, and judge nothing. */

import { printOf, RunningHash } from './fingerprint.ts';
import type {
  Acknowledged,
  Asked,
  ClientRecord,
  ReaderRecord,
  SeenEvent,
  SenderRecord,
  ToldGap,
} from './records.ts';

// One of a kind is enough to fail; thousands would hide the others.
const maxOddities = 100;

class ClientNotes implements ClientRecord {
  readonly who: string;
  ending: string | undefined;
  readonly oddities: string[] = [];
  /** Requests whose answer never came, and streams that were cut off. */
  breaks = 0;
  /** Answers to come back later. */
  refusals = 0;

  constructor(who: string) {
    this.who = who;
  }

  noteOddity(what: string): void {
    if (this.oddities.length < maxOddities) this.oddities.push(what);
  }
}

export class ReaderNotes extends ClientNotes implements ReaderRecord {
  readonly startId: number;
  readonly ids: number[] = [];
  readonly prints: number[] = [];
  readonly gaps: ToldGap[] = [];
  readonly #hash = new RunningHash();

  constructor(who: string, startId: number) {
    super(who);
    this.startId = startId;
  }

  get hash(): string {
    return this.#hash.digest();
  }

  /** The last id that came. */
  get lastId(): number {
    return this.ids.at(-1) ?? this.startId;
  }

  see(event: SeenEvent): void {
    this.ids.push(event.id);
    this.prints.push(printOf(event));
    this.#hash.add(event);
  }

  hearGap(lost: number | null, toId: number): void {
    this.gaps.push({ afterEvents: this.ids.length, lost, toId });
  }
}

export class SenderNotes extends ClientNotes implements SenderRecord {
  readonly asked: Asked[] = [];
  readonly acknowledged: Acknowledged[] = [];
  /** Sends that were made again because nobody knew what became of them. */
  repeats = 0;
}
