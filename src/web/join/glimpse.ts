/**
 * What one sees of the room from its door, where its feed is public: who is there and what was said last. Live as long as
 * it is watched. Without DOM.
 */

import { type ChatRoomEvent, eventOf, type Init, knownOf, parseJson } from '../../client/wire.ts';

/** What was said, as it is shown. */
export interface Said {
  readonly id: number;
  /** Undefined: it is an announcement. */
  readonly name: string | undefined;
  /** Undefined: it is redacted. */
  readonly text: string | undefined;
  readonly timestamp: number;
}

export interface Glimpse {
  readonly names: readonly string[];
  /** Oldest first. */
  readonly said: readonly Said[];
}

/** What of an `EventSource` is needed. */
export interface FeedSource {
  readonly readyState: number;
  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void;
  close(): void;
}

/** How many messages are kept to be shown. */
const maxSaid = 6;
/** With joins and leaves among them, so many events hold some messages. */
const lastEvents = 40;
const closed = 2;
const types = ['init', 'message', 'announcement', 'redaction', 'join', 'leave'];
/** A proxy whose server is away answers with an error, after which an `EventSource` does not try again. */
const againMs = 10_000;

export class GlimpseWatch {
  readonly #open: (url: string) => FeedSource;
  readonly #url: string;
  readonly #tell: (glimpse: Glimpse | undefined) => void;
  #source: FeedSource | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;
  #names = new Set<string>();
  #said: Said[] = [];
  /** The feed was had before: it is public. */
  #wasHad = false;

  /**
   * @param open makes a source, such as an `EventSource`
   * @param tell is told what there is to see; undefined: nothing may be seen
   */
  constructor(room: string, open: (url: string) => FeedSource, tell: (glimpse: Glimpse | undefined) => void) {
    this.#url = `/v1/rooms/${encodeURIComponent(room)}/feed?last=${lastEvents}`;
    this.#open = open;
    this.#tell = tell;
  }

  /** Begins to watch, if it does not. */
  start(): void {
    if (this.#source !== undefined) return;
    clearTimeout(this.#again);
    const source = this.#open(this.#url);
    this.#source = source;
    const take = ({ data }: { readonly data?: unknown }) => {
      if (this.#source === source && typeof data === 'string') this.#take(parseJson(data));
    };
    for (const type of types) source.addEventListener(type, take);
    source.addEventListener('error', () => {
      if (this.#source !== source || source.readyState !== closed) return;
      this.stop();
      if (this.#wasHad) this.#again = setTimeout(() => this.start(), againMs);
      else this.#tell(undefined);
    });
  }

  /** Lets the connection go: a browser has few of them for all of its tabs. */
  stop(): void {
    clearTimeout(this.#again);
    this.#source?.close();
    this.#source = undefined;
  }

  #take(value: object): void {
    const event = eventOf(value);
    const [known] = event === undefined ? [] : knownOf([event]);
    if (event === undefined) this.#init(value as Init);
    else if (known !== undefined) this.#hear(known);
    this.#wasHad = true;
    this.#tell({ names: [...this.#names], said: this.#said });
  }

  #hear(event: ChatRoomEvent): void {
    switch (event.type) {
      case 'join':
        this.#names.add(event.name);
        break;
      case 'leave':
        this.#names.delete(event.name);
        break;
      case 'message':
      case 'announcement': {
        const { id, message, redacted, timestamp } = event;
        const name = event.type === 'message' ? event.name : undefined;
        const text = redacted ? undefined : message;
        this.#said = [...this.#said, { id, name, text, timestamp }].slice(-maxSaid);
        break;
      }
      case 'redaction':
        this.#said = this.#said.map((said) =>
          said.id === event.target ? { ...said, text: undefined } : said,
        );
    }
  }

  /** The room as it stands, or stood before the last events: what was seen before is void. */
  #init({ users }: Init): void {
    this.#names = new Set(users);
    this.#said = [];
  }
}
