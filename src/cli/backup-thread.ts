/** The thread that copies a database file for `parlor backup`. */

import { parentPort, workerData } from 'node:worker_threads';
import { codeOf } from '../core/errors.ts';
import { type Copied, copyDatabase } from '../stores/sqlite/backup.ts';
import { StoreRefusal } from '../stores/store-refusal.ts';

export interface BackupOrder {
  /** The database. */
  readonly path: string;
  /** An empty file. */
  readonly target: string;
}

export type BackupReport =
  | ({ readonly type: 'copied' } & Copied)
  | { readonly type: 'refused'; readonly message: string }
  | { readonly type: 'unwritable'; readonly message: string };

const order: BackupOrder = workerData;
parentPort?.postMessage(reportOf(order));

function reportOf({ path, target }: BackupOrder): BackupReport {
  try {
    return { type: 'copied', ...copyDatabase(path, target) };
  } catch (error) {
    if (error instanceof StoreRefusal) return { type: 'refused', message: error.message };
    const code = codeOf(error);
    if (!(error instanceof Error) || code === undefined) throw error;
    return { type: 'unwritable', message: `${error.message} (${code})` };
  }
}
