/** What clients write down of a run, and the log to hold it against. Knows neither server nor HTTP. */

/** An event as clients see it and as the log has it. */
export interface SeenEvent {
  readonly id: number;
  readonly type: string;
  readonly name?: string;
  readonly message?: string;
  readonly key?: string;
  readonly timestamp?: number;
}

/** A gap that a client was told of. */
export interface ToldGap {
  /** How many events the client had seen before. */
  readonly afterEvents: number;
  /** How many events it was told to have lost; null if nobody could know. */
  readonly lost: number | null;
  /** The position at which it was told to go on. */
  readonly toId: number;
}

/** What any client writes down. */
export interface ClientRecord {
  readonly who: string;
  /** Why the client was shown out, if it was. */
  readonly ending: string | undefined;
  /** Answers that no client should ever get. */
  readonly oddities: readonly string[];
}

/** What somebody who reads saw, in the order in which it came. */
export interface ReaderRecord extends ClientRecord {
  /** The position from which it read on. */
  readonly startId: number;
  readonly ids: readonly number[];
  /** Of each event of `ids`: its fingerprint. */
  readonly prints: readonly number[];
  readonly gaps: readonly ToldGap[];
  /** The running hash over everything it saw. */
  readonly hash: string;
}

/** A message that was asked to be said. */
export interface Asked {
  readonly key: string;
  readonly text: string;
}

/** A message that was said for certain, as its sender was told. */
export interface Acknowledged extends Asked {
  readonly id: number;
}

/** What somebody who sends asked for, one message after the other, and which answers came. */
export interface SenderRecord extends ClientRecord {
  readonly asked: readonly Asked[];
  /** More than one of a key if it was asked for again after an answer. */
  readonly acknowledged: readonly Acknowledged[];
}

/** Everything about one run. */
export interface RunRecord {
  readonly readers: readonly ReaderRecord[];
  readonly senders: readonly SenderRecord[];
  /** The room's events in order, from somebody who is none of the readers. */
  readonly log: readonly SeenEvent[];
}
