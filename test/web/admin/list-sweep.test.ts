import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ListPage } from '../../../src/web/admin/admin-api.ts';
import { sweepList } from '../../../src/web/admin/list-sweep.ts';

/** A server with so many of something, of which some end between two pages. */
class List {
  all: string[];
  readonly offsets: number[] = [];
  endsPerPage = 0;

  constructor(count: number) {
    this.all = Array.from({ length: count }, (_, i) => `id-${i}`);
  }

  sweep(life = alive, tell?: (ids: readonly string[], total: number) => void): Promise<readonly string[]> {
    return sweepList(
      (offset) => this.#page(offset),
      (id) => id,
      life,
      tell,
    );
  }

  async #page(offset: number): Promise<ListPage<string>> {
    this.offsets.push(offset);
    const page = { items: this.all.slice(offset, offset + 1000), total: this.all.length };
    this.all = this.all.slice(this.endsPerPage);
    return page;
  }
}

const alive = new AbortController().signal;

describe('reading a list whole', () => {
  it('takes a page where that is all there is', async () => {
    for (const count of [0, 1, 999, 1000]) {
      const list = new List(count);
      assert.equal((await list.sweep()).length, count);
      assert.deepEqual(list.offsets, [0]);
    }
  });

  it('finds each of twenty thousand once, and tells how far it is', async () => {
    const list = new List(20_000);
    const told: number[] = [];
    const found = await list.sweep(alive, (soFar, total) => {
      assert.equal(total, 20_000);
      told.push(soFar.length);
    });
    assert.equal(new Set(found).size, 20_000);
    assert.equal(found.length, 20_000);
    assert.ok(list.offsets.length <= 22, `${list.offsets.length} pages`);
    assert.deepEqual(told.slice(0, 3), [1000, 1950, 2900]);
  });

  it('passes over nobody when others end meanwhile', async () => {
    const list = new List(5000);
    list.endsPerPage = 50;
    const found = new Set(await list.sweep());
    for (const id of list.all) assert.ok(found.has(id), id);
  });

  it('stops when nobody wants it any more', async () => {
    const list = new List(20_000);
    const ending = new AbortController();
    await list.sweep(ending.signal, () => ending.abort());
    assert.equal(list.offsets.length, 2);
  });
});
