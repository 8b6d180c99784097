/** SQLite stores in folders of their own, which a test opens, ends and opens again. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { HistoryLimits } from '../../src/core/event-log.ts';
import { SqliteStore, type SqliteStoreOptions } from '../../src/stores/sqlite-store.ts';
import { systemClock } from '../../src/system/system-clock.ts';

export const ampleHistory: HistoryLimits = { events: 1_000_000, bytes: 1 << 30, ageMs: 3_600_000 };

/** A temporary folder, removed after the test. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'parlor-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts to open a store; its faults fail whoever waits for it. */
export function sqliteStore(path: string, options: Partial<SqliteStoreOptions> = {}): SqliteStore {
  return new SqliteStore({
    path,
    synchronous: 'full',
    clock: systemClock,
    history: ampleHistory,
    maxTotalBytes: Number.POSITIVE_INFINITY,
    onFault: () => {},
    ...options,
  });
}

/** An open store. */
export async function openSqlite(
  path: string,
  options: Partial<SqliteStoreOptions> = {},
): Promise<SqliteStore> {
  const store = sqliteStore(path, options);
  await store.opened();
  return store;
}
