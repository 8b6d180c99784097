/** What a database file has of its only room, read without the server. */

import { openForReading } from '../../../src/stores/sqlite/database.ts';
import type { SeenEvent } from './records.ts';

export function readStoredLog(path: string): SeenEvent[] {
  const database = openForReading(path);
  try {
    const lines = database.prepare<[], string>('SELECT json FROM events ORDER BY id').pluck().all();
    return lines.map((json): SeenEvent => JSON.parse(json));
  } finally {
    database.close();
  }
}
