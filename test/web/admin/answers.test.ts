import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Static } from '@sinclair/typebox';
import type * as schemas from '../../../src/schemas/admin.ts';
import type { AdminSession } from '../../../src/web/admin/answers.ts';

/** Compiles only if what the server gives can be read as what the page takes it for. */
type Reads<Given extends Taken, Taken> = Given;

test('what the server answers is what the page reads', () => {
  const answers: Reads<Static<typeof schemas.AdminSession>, AdminSession>[] = [];
  // @ts-expect-error a difference is found
  const others: Reads<{ readonly sessionId: string }, AdminSession>[] = [];
  assert.deepEqual([...answers, ...others], []);
});
