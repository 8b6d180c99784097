/**
 * Judges a run by what its clients wrote down: was every message that was acknowledged kept, did everybody see everything
 * in one order, each event once, or was told of a gap [P-1] [P-2]. Knows neither server nor HTTP, so it cannot share
 * their mistakes.
 */

import { printOf, RunningHash } from './fingerprint.ts';
import type { ReaderRecord, RunRecord, SeenEvent, SenderRecord } from './records.ts';

export type FaultKind =
  | 'broken log'
  | 'time goes back'
  | 'said twice'
  | 'never asked for'
  | 'lost'
  | 'two answers'
  | 'never answered'
  | 'out of order'
  | 'silent gap'
  | 'told gap'
  | 'wrong gap'
  | 'duplicate'
  | 'differs'
  | 'incomplete'
  | 'other hash'
  | 'left'
  | 'shown out'
  | 'odd answer';

export interface Fault {
  readonly kind: FaultKind;
  /** In words. */
  readonly what: string;
}

export interface JudgeOptions {
  /** Whether gaps may be told: where more is said than is kept while somebody is away. */
  readonly allowsGaps?: boolean;
  /** Whether members may leave. */
  readonly allowsLeaves?: boolean;
}

export interface Verdict {
  /** Empty if all is well. Of each kind the first few; `total` counts all. */
  readonly faults: readonly Fault[];
  readonly total: number;
  /** Events in the log. */
  readonly events: number;
  /** Messages that were acknowledged. */
  readonly acknowledged: number;
  /** Gaps that were told. */
  readonly gaps: number;
}

const maxPerKind = 10;

export function judge(run: RunRecord, options: JudgeOptions = {}): Verdict {
  const faults = new FaultList();
  const log = new KnownLog(run.log, faults);
  judgeLog(run, options, faults);
  for (const sender of run.senders) judgeSender(sender, log, faults);
  for (const reader of run.readers) judgeReader(reader, log, options, faults);
  judgeHashes(run.readers, log, faults);
  for (const { who, ending, oddities } of [...run.readers, ...run.senders]) {
    if (ending !== undefined) faults.add('shown out', `${who} was shown out: ${ending}`);
    for (const oddity of oddities) faults.add('odd answer', `${who} was answered ${oddity}`);
  }
  return {
    faults: faults.list,
    total: faults.total,
    events: run.log.length,
    acknowledged: run.senders.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0),
    gaps: run.readers.reduce((sum, { gaps }) => sum + gaps.length, 0),
  };
}

class FaultList {
  readonly list: Fault[] = [];
  total = 0;
  readonly #perKind = new Map<FaultKind, number>();

  add(kind: FaultKind, what: string): void {
    const count = (this.#perKind.get(kind) ?? 0) + 1;
    this.#perKind.set(kind, count);
    this.total += 1;
    if (count <= maxPerKind) this.list.push({ kind, what });
  }
}

/** The log by id, with the fingerprints of its events. */
class KnownLog {
  readonly firstId: number;
  readonly lastId: number;
  readonly #events: readonly SeenEvent[];
  readonly #prints: readonly number[];

  constructor(events: readonly SeenEvent[], faults: FaultList) {
    this.#events = events;
    this.#prints = events.map(printOf);
    this.firstId = events[0]?.id ?? 1;
    this.lastId = events.at(-1)?.id ?? 0;
    events.forEach((event, index) => {
      if (event.id !== this.firstId + index) {
        faults.add('broken log', `the log has ${event.id} in the place of ${this.firstId + index}`);
      }
    });
  }

  at(id: number): SeenEvent | undefined {
    return this.#events[id - this.firstId];
  }

  printAt(id: number): number | undefined {
    return this.#prints[id - this.firstId];
  }

  hashAfter(startId: number): string {
    const hash = new RunningHash();
    for (const event of this.#events) if (event.id > startId) hash.add(event);
    return hash.digest();
  }
}

/** What can be seen in the log alone, and from what was asked for. */
function judgeLog({ log, senders }: RunRecord, { allowsLeaves }: JudgeOptions, faults: FaultList): void {
  const asked = new Map(
    senders.flatMap(({ who, asked }) => asked.map(({ key, text }) => [`${who} ${key}`, text])),
  );
  const said = new Map<string, number>();
  const joined = new Set<string>();
  let before = Number.NEGATIVE_INFINITY;
  for (const { id, type, name, message, key, timestamp = before } of log) {
    if (timestamp < before) faults.add('time goes back', `event ${id} is of ${timestamp}, after ${before}`);
    before = timestamp;
    if (type === 'message') {
      const which = `${name} ${key}`;
      const first = said.get(which);
      if (first !== undefined) faults.add('said twice', `${which} is both ${first} and ${id}`);
      said.set(which, id);
      if (asked.get(which) !== message) faults.add('never asked for', `${which}, event ${id}: ${message}`);
    } else if (!allowsLeaves && name !== undefined) {
      if (type === 'leave') faults.add('left', `${name} left at ${id}`);
      if (type === 'join' && joined.has(name)) faults.add('left', `${name} joined again at ${id}`);
      joined.add(name);
    }
  }
}

function judgeSender({ who, asked, acknowledged }: SenderRecord, log: KnownLog, faults: FaultList): void {
  const ids = new Map<string, number>();
  for (const { key, text, id } of acknowledged) {
    const event = log.at(id);
    if (event?.type !== 'message' || event.name !== who || event.message !== text || event.key !== key) {
      const has = event ? JSON.stringify(event) : `nothing: it ends at ${log.lastId}`;
      faults.add('lost', `${who} ${key} was acknowledged as ${id}, where the log has ${has}`);
    }
    const first = ids.get(key);
    if (first !== undefined && first !== id) {
      faults.add('two answers', `${who} ${key} was acknowledged as ${first} and as ${id}`);
    }
    ids.set(key, first ?? id);
  }
  let last = 0;
  for (const { key } of asked) {
    const id = ids.get(key);
    if (id === undefined) faults.add('never answered', `${who} ${key}`);
    else if (id <= last)
      faults.add('out of order', `${who} ${key} was said at ${id}, asked for after ${last}`);
    last = Math.max(last, id ?? 0);
  }
}

/** Walks through what a reader saw: each event follows the one before, or a gap stands between them. */
function judgeReader(
  { who, startId, ids, prints, gaps }: ReaderRecord,
  log: KnownLog,
  { allowsGaps }: JudgeOptions,
  faults: FaultList,
): void {
  if (log.firstId > startId + 1) {
    faults.add('broken log', `it begins at ${log.firstId}, and ${who} at ${startId + 1}`);
  }
  const missed = new Set<number>();
  let position = startId;
  let nextGap = 0;
  const passGaps = (afterEvents: number): void => {
    for (let gap = gaps[nextGap]; gap?.afterEvents === afterEvents; gap = gaps[++nextGap]) {
      const { lost, toId } = gap;
      const what = `${who} was told to have lost ${lost ?? 'nobody knows how many'} after ${position}`;
      if (!allowsGaps) faults.add('told gap', what);
      if (lost === null || position + lost !== toId)
        faults.add('wrong gap', `${what}, and went on at ${toId}`);
      position = Math.max(position, toId);
    }
  };
  ids.forEach((id, index) => {
    passGaps(index);
    if (id <= position) {
      const kind = missed.delete(id) ? 'out of order' : 'duplicate';
      faults.add(kind, `${who} saw ${id} after ${position}`);
    } else {
      if (id > position + 1) faults.add('silent gap', `${who} saw ${id} after ${position}`);
      for (let skipped = position + 1; skipped < id && skipped <= log.lastId; skipped++) missed.add(skipped);
      position = id;
    }
    if (prints[index] !== log.printAt(id)) {
      faults.add('differs', `${who} saw another event ${id} than the log has: ${JSON.stringify(log.at(id))}`);
    }
  });
  passGaps(ids.length);
  if (position !== log.lastId) {
    faults.add('incomplete', `${who} saw events up to ${position}, and the log ends at ${log.lastId}`);
  }
}

/** Whoever was told of no gap has the hash of the log from his start on. */
function judgeHashes(readers: readonly ReaderRecord[], log: KnownLog, faults: FaultList): void {
  const expected = new Map<number, string>();
  for (const { who, startId, gaps, hash } of readers) {
    if (gaps.length > 0) continue;
    const own = expected.get(startId) ?? log.hashAfter(startId);
    expected.set(startId, own);
    if (hash !== own) faults.add('other hash', `${who} has the hash ${hash}, and the log has ${own}`);
  }
}

/** What is wrong, in words, for a test that fails; empty if all is well. */
export function wordsOf({ faults, total }: Verdict): string {
  const lines = faults.map(({ kind, what }) => `${kind}: ${what}`);
  if (total > faults.length) lines.push(`and ${total - faults.length} more`);
  return lines.join('\n');
}
