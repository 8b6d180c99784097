/** What a fault's test tried and found: a line of the table that `npm run test:fault` prints. */

import { appendFileSync } from 'node:fs';
import type { TestContext } from 'node:test';

/** Whether the long forms run: `npm run test:fault`. In `npm test` each fault is made in a shorter form. */
export const isLong = process.env.PARLOR_FAULTS === 'long';

export interface FaultReport {
  /** What was done to the server, its disk or its network. */
  readonly fault: string;
  /** How often, with how many clients. */
  readonly tried: string;
  /** What was counted or measured. */
  readonly found: string;
}

/** Says what was found; beside the test, and in the table if there is to be one. */
export function report(t: TestContext, row: FaultReport): void {
  t.diagnostic(`${row.fault} | ${row.tried} | ${row.found}`);
  const file = process.env.PARLOR_FAULT_REPORT;
  if (file) appendFileSync(file, `${JSON.stringify(row)}\n`);
}
