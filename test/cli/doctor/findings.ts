/** What the doctor finds, for tests. */

import assert from 'node:assert/strict';
import { examine, type Wish } from '../../../src/cli/doctor/examine.ts';
import type { Finding, Level } from '../../../src/cli/doctor/finding.ts';

export async function findings(address: string, wish: Wish = {}, timeMs?: number): Promise<Finding[]> {
  const all: Finding[] = [];
  await examine(address, wish, (finding) => all.push(finding), timeMs);
  return all;
}

/** What it warns of and finds wrong, as `level check`. */
export function faultsOf(all: readonly Finding[]): string[] {
  return all.flatMap(({ level, check }) =>
    level === 'ok' || level === 'untried' ? [] : `${level} ${check}`,
  );
}

/** The sentence of the one finding of a check. */
export function sentence(all: readonly Finding[], level: Level, check: string): string {
  const found = all.find((finding) => finding.level === level && finding.check === check);
  assert.ok(found, `there is no ${level} ${check} in ${JSON.stringify(all)}`);
  return found.seen;
}
