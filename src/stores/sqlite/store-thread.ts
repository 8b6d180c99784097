/** The thread of a store as the main thread has it: how it is started, and what is heard of it. */

import { Worker } from 'node:worker_threads';
import type { FromThread, ThreadData, ToThread } from './protocol.ts';

export class StoreThread {
  readonly #worker: Worker;
  /** Resolves once the thread has ended, however it did. */
  readonly ended: Promise<void>;

  /** @param onEnd told, with why, that the thread ends; maybe more than once */
  constructor(data: ThreadData, onMessage: (message: FromThread) => void, onEnd: (error: Error) => void) {
    this.#worker = new Worker(threadUrl(), { workerData: data });
    this.#worker.on('message', onMessage);
    this.#worker.on('error', onEnd);
    this.ended = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        onEnd(new Error('The thread of the store has ended.'));
        resolve();
      });
    });
  }

  post(message: ToThread): void {
    this.#worker.postMessage(message);
  }
}

/** The thread's file lies beside this one, compiled or not. */
function threadUrl(): URL {
  return new URL(import.meta.url.replace(/store-thread(?=\.[jt]s$)/, 'thread'));
}
