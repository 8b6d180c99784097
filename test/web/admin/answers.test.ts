import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Static } from '@sinclair/typebox';
import { maxReasonLength } from '../../../src/core/deed-reasons.ts';
import type * as schemas from '../../../src/schemas/admin.ts';
import type * as overview from '../../../src/schemas/overview.ts';
import { maxPageLimit } from '../../../src/schemas/page-limits.ts';
import type * as restrictions from '../../../src/schemas/restrictions.ts';
import { longestReason, pageLimit } from '../../../src/web/admin/admin-api.ts';
import type { AdminRoom, AdminSession, Ban, BanWish, Stats } from '../../../src/web/admin/answers.ts';

/** Compiles only if what one side gives can be read as what the other takes it for. */
type Reads<Given extends Taken, Taken> = Given;
/** Schemas know no union of texts. */
type AnyKind<T> = Omit<T, 'kind'> & { readonly kind: string };

test('what the server answers is what the page reads, and what it sends is what the server takes', () => {
  const answers: [
    Reads<Static<typeof schemas.AdminSession>, AdminSession>[],
    Reads<Static<typeof overview.AdminRoom>, AdminRoom>[],
    Reads<Static<typeof overview.StatsAnswer>, Stats>[],
    Reads<Static<typeof restrictions.Ban>, AnyKind<Ban>>[],
    Reads<AnyKind<BanWish>, Static<typeof restrictions.BanBody>>[],
  ] = [[], [], [], [], []];
  // @ts-expect-error a difference is found
  const others: Reads<{ readonly sessionId: string }, AdminSession>[] = [];
  assert.deepEqual([...answers.flat(), ...others], []);
});

test('the page asks for as much as the server gives, and takes reasons as long as the server does', () => {
  assert.deepEqual([pageLimit, longestReason], [maxPageLimit, maxReasonLength]);
});
