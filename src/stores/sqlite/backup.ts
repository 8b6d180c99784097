/** Copies a database file, also while a server writes it: everything that is committed when the copying begins. */

import SqliteDatabase, { type Database } from 'better-sqlite3';
import { codeOf } from '../../core/errors.ts';
import { StoreRefusal } from '../store-refusal.ts';
import { openForReading } from './database.ts';
import { backupMark } from './epochs.ts';
import { explained } from './explained.ts';
import { checkStructure, Damage, inspect } from './inspect.ts';
import { migrate } from './schema.ts';
import { Tables } from './tables.ts';

/** What a copy holds. */
export interface Copied {
  readonly rooms: number;
  readonly events: number;
}

// What says that the file read is at fault; everything else is the fault of the one written.
const faultOfSource = /^SQLITE_(?:CORRUPT|NOTADB|BUSY|IOERR_(?:READ|SHORT_READ|CORRUPTFS))/;

/**
 * The copy is marked, so that the first server that opens it gives every room a new epoch: what was said after the
 * copy is gone with the original, and its ids are given again [LOG-2].
 *
 * @param path left as it is
 * @param target not there, or empty
 * @throws StoreRefusal if `path` cannot be copied, and what SQLite throws if `target` cannot be written
 */
export function copyDatabase(path: string, target: string): Copied {
  const source = openForReading(path);
  try {
    fill(target, source, path);
    return checked(target, source, path);
  } finally {
    source.close();
  }
}

function fill(target: string, source: Database, path: string): void {
  try {
    source.prepare('VACUUM INTO ?').run(target);
  } catch (error) {
    if (!faultOfSource.test(codeOf(error) ?? '')) throw error;
    explained(path, 'reading', () => {
      throw error;
    });
  }
}

/** Nobody looks at a backup before it is needed, so it is read from end to end while there is an original. */
function checked(target: string, source: Database, path: string): Copied {
  const copy = new SqliteDatabase(target);
  try {
    migrate(copy);
    const tables = new Tables(copy);
    tables.setMeta(backupMark, '1');
    tables.commit();
    checkStructure(copy);
    const rooms = inspect(copy);
    const events = rooms.reduce((sum, { row, headId }) => sum + headId - row.base_id, 0);
    return { rooms: rooms.length, events };
  } catch (error) {
    if (!(error instanceof Damage)) throw error;
    explained(path, 'reading', () => inspect(source));
    throw new StoreRefusal(`${path} is as it was written, but its copy is not (${error.message}).`);
  } finally {
    copy.close();
  }
}
