/** What is left of a load is told by its name. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { keptOf } from '../../../bench/soak/kept.ts';
import type { Inventory } from '../../../bench/soak/soaked-server.ts';

const before: Inventory = {
  heapBytes: 25_000_000,
  externalBytes: 4_000_000,
  threadBytes: 9_000_000,
  residentBytes: 140_000_000,
  objects: 60_000,
  entries: 2_000,
  places: 30_000,
  listeners: 120,
  timers: 8,
  sockets: 8,
  descriptors: 31,
  kinds: { ChatSession: 2, Object: 12_000 },
  warnings: [],
};
const keptIn = (seconds: number, after: Partial<Inventory>) =>
  keptOf(seconds, before, { ...before, ...after });

describe('what is kept of a load', () => {
  it('is nothing where a few things are made that were not needed before', () => {
    assert.deepEqual(keptIn(300, {}), []);
    assert.deepEqual(
      keptIn(300, { timers: 11, sockets: 4, kinds: { ChatSession: 9, Object: 12_010, URL: 3 } }),
      [],
    );
  });

  it('is told of each figure and each kind of object, by how many there are', () => {
    const kinds = { ChatSession: 40, Object: 12_400, '': 1_000 };
    const after = {
      heapBytes: 26_500_000,
      entries: 2_030,
      listeners: 150,
      timers: 38,
      descriptors: 61,
      kinds,
    };
    assert.deepEqual(keptIn(300, after), [
      'heap: 1.50 MB more than before the load',
      'entries of maps and sets: 30 more than before the load',
      'descriptors: 30 more than before the load',
      'timers: 30 more than before the load',
      'listeners: 30 more than before the load',
      'objects of ChatSession: 38 more than before the load',
      'objects of Object: 400 more than before the load',
      'objects of no kind: 1000 more than before the load',
    ]);
  });

  it('may be more after a short run, when it is still remembered how sessions ended', () => {
    assert.deepEqual(keptIn(15, { entries: 2_100, kinds: { Object: 12_100 } }), []);
  });
});
