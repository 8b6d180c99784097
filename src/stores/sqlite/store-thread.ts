/** The thread of a store as the main thread has it: how it is started, and what is heard of it. */

import { Worker } from 'node:worker_threads';
import type { FromThread, ThreadData, ThreadOptions, ToThread } from './protocol.ts';

// What takes longer waits for a disk that may never answer.
const stuckMs = 500;

export class StoreThread {
  readonly #worker: Worker;
  /** 1 while it works. */
  readonly #isBusy = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  /** Resolves once the thread has ended, however it did. */
  readonly ended: Promise<void>;

  /** @param onEnd told, with why, that the thread ends; maybe more than once */
  constructor(
    options: ThreadOptions,
    onMessage: (message: FromThread) => void,
    onEnd: (error: Error) => void,
  ) {
    const workerData: ThreadData = { ...options, isBusy: this.#isBusy };
    this.#worker = new Worker(threadUrl(), { workerData });
    this.#worker.on('message', onMessage);
    this.#worker.on('error', onEnd);
    this.ended = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        onEnd(new Error('The thread of the store has ended.'));
        resolve();
      });
    });
  }

  /** Whether it does something that does not come to an end. Waits for that, and the whole process with it. */
  isStuck(): boolean {
    return Atomics.wait(this.#isBusy, 0, 1, stuckMs) === 'timed-out';
  }

  post(message: ToThread): void {
    this.#worker.postMessage(message);
  }
}

/** The thread's file lies beside this one, compiled or not. */
function threadUrl(): URL {
  return new URL(import.meta.url.replace(/store-thread(?=\.[jt]s$)/, 'thread'));
}
