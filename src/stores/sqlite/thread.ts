/** The thread in which a database file is written: a slow disk delays acknowledgements and nothing else. */

import { performance } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import type { Time } from '../../core/clock.ts';
import { openDatabase } from './database.ts';
import { type Ran, SqliteEngine } from './engine.ts';
import { isDamage, wordsOfFault } from './faults.ts';
import type { FromThread, LoadAnswer, OperationAnswer, ThreadData, ToThread } from './protocol.ts';
import { StoreRefusal } from './refusal.ts';

const time: Time = { wall: () => Date.now(), monotonic: () => performance.now() };
const port = parentPort;
if (!port) throw new Error('This file runs as a worker thread.');

const data: ThreadData = workerData;
const engine = open(data);
if (engine) port.on('message', (message: ToThread) => answer(engine, message));

function open({ path, synchronous, history, maxTotalBytes }: ThreadData): SqliteEngine | undefined {
  try {
    const opened = openDatabase(path, synchronous);
    const survivors = opened.rooms.flatMap(({ row, sessions }) =>
      sessions.map(({ sessionId, delivery }) => ({ room: row.name, sessionId, delivery })),
    );
    const engine = new SqliteEngine(opened, { path, time, history, maxTotalBytes });
    post({ type: 'opened', survivors, isLost: opened.isLost });
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
  let ran: Ran;
  try {
    ran = engine.run(message.operations);
  } catch (error) {
    if (isDamage(error)) abandon(engine);
    else relieve(engine);
    post({ type: 'failed', message: wordsOfFault(error), isDamaged: isDamage(error) });
    return;
  }
  // Not within what is caught: who was told that it failed would not know what is committed.
  const bugs = new Map([...ran.bugs].map(([index, error]) => [index, wordsOfFault(error)]));
  post({ type: 'ran', ...ran, bugs }, ran.answers.flatMap(transferable));
  try {
    engine.checkpoint();
  } catch (error) {
    // Nothing is lost by it: the log holds everything, and grows until this succeeds.
    post({ type: 'fault', message: wordsOfFault(error) });
  }
}

function abandon(engine: SqliteEngine): void {
  try {
    engine.abandon();
  } catch {
    // The end tries again.
  }
}

/** What fills the disk may be the log itself: written back, it gives its place free. */
function relieve(engine: SqliteEngine): void {
  try {
    engine.checkpoint(1);
  } catch {
    // The next one that fails tries again.
  }
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
