import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { storeContract } from '../contract/store-contract.ts';
import { openSqlite } from '../support/sqlite.ts';

storeContract('sqlite store', async (history) => {
  const folder = mkdtempSync(join(tmpdir(), 'parlor-'));
  const store = await openSqlite(join(folder, 'parlor.db'), { history });
  return {
    store,
    // The thread has the machine's clock.
    elapse: (ms) => setTimeout(ms),
    dispose: async () => {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
});
