/** The thread in which a database file is written: a slow disk delays acknowledgements and nothing else. */

import { performance } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import type { Time } from '../../core/clock.ts';
import { StoreRefusal } from '../store-refusal.ts';
import { openDatabase } from './database.ts';
import { type Ran, SqliteEngine } from './engine.ts';
import { isDamage, wordsOfFault } from './faults.ts';
import type { FromThread, LoadAnswer, OperationAnswer, ThreadData, ToThread } from './protocol.ts';

const time: Time = { wall: () => Date.now(), monotonic: () => performance.now() };
const displaced = 'while it was open, it or its write-ahead log was moved, removed or replaced';
// So long may a file be gone before that is noticed; to look costs microseconds.
const lookMs = 1_000;
const port = parentPort;
if (!port) throw new Error('This file runs as a worker thread.');

const data: ThreadData = workerData;
const engine = busily(() => open(data));
/** The file is damaged or gone: nothing is asked of it any more. */
let isOver = false;
if (engine) {
  port.on('message', (message: ToThread) => busily(() => answer(engine, message)));
  setInterval(() => {
    requireInPlace(engine);
    if (!isOver) busily(() => erase(engine));
  }, lookMs).unref();
}

/** Lets it be seen from outside whether anything hangs: see `StoreThread`. */
function busily<T>(work: () => T): T {
  Atomics.store(data.isBusy, 0, 1);
  try {
    return work();
  } finally {
    Atomics.store(data.isBusy, 0, 0);
    Atomics.notify(data.isBusy, 0);
  }
}

function open({ path, synchronous, history, maxTotalBytes }: ThreadData): SqliteEngine | undefined {
  try {
    const opened = openDatabase(path, synchronous);
    const survivors = opened.rooms.flatMap(({ row, sessions }) =>
      sessions.map(({ sessionId, delivery }) => ({ room: row.name, sessionId, delivery })),
    );
    const engine = new SqliteEngine(opened, { time, history, maxTotalBytes });
    post({ type: 'opened', survivors, isLost: opened.isLost, isWritable: opened.isMarked });
    return engine;
  } catch (error) {
    if (!(error instanceof StoreRefusal)) throw error;
    post({ type: 'refused', message: error.message });
    return undefined;
  }
}

function answer(engine: SqliteEngine, message: ToThread): void {
  if (message.type === 'close') {
    engine.close();
    port?.close();
    return;
  }
  // Whoever asked was told already.
  if (isOver) return;
  let ran: Ran;
  try {
    ran = engine.run(message.operations);
  } catch (error) {
    fail(engine, error);
    return;
  }
  // Not within what is caught: who was told that it failed would not know what is committed.
  const bugs = new Map([...ran.bugs].map(([index, error]) => [index, wordsOfFault(error)]));
  post({ type: 'ran', ...ran, bugs }, ran.answers.flatMap(transferable));
  try {
    if (ran.isWritten) engine.writeBack();
  } catch (error) {
    // Nothing is lost by it: the write-ahead log holds everything, and grows until this succeeds.
    post({ type: 'fault', message: wordsOfFault(error), doing: 'writing back the write-ahead log' });
  }
}

function erase(engine: SqliteEngine): void {
  try {
    engine.erase();
  } catch (error) {
    if (isDamage(error)) fail(engine, error);
    else
      post({ type: 'fault', message: wordsOfFault(error), doing: 'erasing what was redacted from the file' });
  }
}

/** Nothing of what was under way took effect; if the file is damaged, nothing will again. */
function fail(engine: SqliteEngine, error: unknown): void {
  isOver = isDamage(error);
  if (isOver) abandon(engine);
  post({ type: 'failed', message: wordsOfFault(error), isDamaged: isOver });
}

function abandon(engine: SqliteEngine): void {
  try {
    engine.abandon();
  } catch {
    // The end tries again.
  }
}

/** What is written to a file that is gone, nobody finds again. Closing it leaves alone what is there instead. */
function requireInPlace(engine: SqliteEngine): void {
  if (isOver || engine.isInPlace) return;
  isOver = true;
  post({ type: 'failed', message: displaced, isDamaged: true });
}

/** What moves over instead of being copied. */
function transferable(answer: OperationAnswer): ArrayBuffer[] {
  return isLoad(answer) ? answer.blocks.map((block) => block.buffer) : [];
}

function isLoad(answer: OperationAnswer): answer is LoadAnswer {
  return typeof answer === 'object' && answer !== null && 'blocks' in answer;
}

function post(message: FromThread, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer);
}
