/** The thread in which a database file is written: a slow disk delays acknowledgements and nothing else. */

import { performance } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import type { Time } from '../../core/clock.ts';
import { openDatabase } from './database.ts';
import { SqliteEngine } from './engine.ts';
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
      sessions.map(({ sessionId }) => ({ room: row.name, sessionId })),
    );
    const engine = new SqliteEngine(opened, { path, time, history, maxTotalBytes });
    post({ type: 'opened', survivors });
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
  try {
    const ran = engine.run(message.operations);
    post({ type: 'ran', ...ran }, ran.answers.flatMap(transferable));
  } catch (error) {
    post({ type: 'failed', message: messageOf(error) });
    return;
  }
  try {
    engine.checkpoint();
  } catch (error) {
    // Nothing is lost by it: the log holds everything, and grows until this succeeds.
    post({ type: 'fault', message: messageOf(error) });
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

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? `${error.message} (${String(error.code)})` : (error.stack ?? error.message);
}
