/** `parlor backup FILE`: a copy of the database, whole or not at all. */

import { statSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { Copied } from '../stores/sqlite/backup.ts';
import type { Arguments } from './arguments.ts';
import type { BackupOrder, BackupReport } from './backup-thread.ts';
import { Failure } from './failure.ts';
import { beforeSignals } from './interrupt.ts';
import { NewFile } from './new-file.ts';
import { storeFile } from './store-file.ts';

export async function backup({ operand, options }: Arguments): Promise<void> {
  const path = storeFile(options.store);
  let file: NewFile | undefined;
  // First, so that there is never a file that a signal would leave behind.
  const release = beforeSignals(() => file?.discard());
  try {
    file = new NewFile(operand);
    const { rooms, events } = await copyInThread({ path, target: file.unfinished }, file);
    file.finish();
    const { size } = statSync(file.name);
    const counts = [count(rooms, 'room'), count(events, 'event'), count(size, 'byte')];
    process.stdout.write(`${file.name}: ${counts.join(', ')}\n`);
  } finally {
    file?.discard();
    release();
  }
}

/** SQLite copies in one step, which nothing interrupts: here it does not keep signals waiting. */
function copyInThread(order: BackupOrder, file: NewFile): Promise<Copied> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(threadUrl(), { workerData: order });
    thread.once('message', (report: BackupReport) => {
      switch (report.type) {
        case 'copied':
          return resolve(report);
        case 'refused':
          return reject(new Failure(report.message));
        case 'unwritable':
          return reject(file.unwritable(new Error(report.message)));
      }
    });
    thread.once('error', reject);
    thread.once('exit', (code) => reject(new Failure(`The copying ended early (${code}).`)));
  });
}

function count(many: number, what: string): string {
  return `${many} ${what}${many === 1 ? '' : 's'}`;
}

/** The thread's file lies beside this one, compiled or not. */
function threadUrl(): URL {
  return new URL(import.meta.url.replace(/backup(?=\.[jt]s$)/, 'backup-thread'));
}
