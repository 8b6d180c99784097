import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { mayBeToken, type TabStorage, TokenKeeper } from '../../../src/web/admin/token-keeper.ts';

class FakeStorage implements TabStorage {
  readonly items = new Map<string, string>();
  isForbidden = false;

  getItem(key: string): string | null {
    this.#check();
    return this.items.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.#check();
    this.items.set(key, value);
  }

  removeItem(key: string): void {
    this.#check();
    this.items.delete(key);
  }

  #check(): void {
    if (this.isForbidden) throw new Error('forbidden');
  }
}

const token = 'a-secret-of-enough-characters';

describe('the token of the operator', () => {
  it('outlives a reload of the tab, until it is forgotten', () => {
    const storage = new FakeStorage();
    const first = new TokenKeeper(storage);
    assert.equal(first.token, '');
    first.keep(token);
    const second = new TokenKeeper(storage);
    assert.equal(second.token, token);
    second.forget();
    assert.equal(second.token, '');
    assert.equal(storage.items.size, 0);
    assert.equal(new TokenKeeper(storage).token, '');
  });

  it('is in memory only where nothing may be stored', () => {
    const forbidden = new FakeStorage();
    forbidden.isForbidden = true;
    for (const storage of [forbidden, undefined]) {
      const keeper = new TokenKeeper(storage);
      keeper.keep(token);
      assert.equal(keeper.token, token);
      keeper.forget();
      assert.equal(keeper.token, '');
    }
  });

  it('has a shape, by which slips are told from guesses', () => {
    for (const text of [token, 'x'.repeat(24), '~!'.repeat(128)]) assert.equal(mayBeToken(text), true, text);
    for (const text of [
      '',
      'short',
      'x'.repeat(23),
      'x'.repeat(257),
      `${token} x`,
      `${token}\n`,
      `${token}é`,
    ]) {
      assert.equal(mayBeToken(text), false, text);
    }
  });
});
