import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientStorage, Keepsakes, type Storages } from '../../../src/web/stay/keepsakes.ts';

/** A browser's storages, as far as they are used. */
function storages() {
  const [browser, tab] = [new Map<string, string>(), new Map<string, string>()];
  const storageOf = (items: Map<string, string>) => ({
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  });
  return { browser, tab, both: { localStorage: storageOf(browser), sessionStorage: storageOf(tab) } };
}

test('name and choice of notices are for all rooms, what was read is of one, the draft of one tab', () => {
  const { tab, both } = storages();
  const lobby = new Keepsakes('lobby', both);
  Object.assign(lobby, { name: 'Ada', notify: 'all', read: 'e-1', notified: 'e-2', draft: 'half a' });
  const second = new Keepsakes('second', both);
  assert.deepEqual([second.name, second.notify], ['Ada', 'all']);
  assert.deepEqual([second.read, second.notified, second.draft], ['', '', '']);
  assert.deepEqual([lobby.read, lobby.notified, lobby.draft], ['e-1', 'e-2', 'half a']);
  assert.deepEqual([...tab.values()], ['half a']);
  lobby.draft = '';
  assert.equal(tab.size, 0, 'nothing is left of what is empty');
});

test('what another version has kept is taken for nothing', () => {
  const { browser, both } = storages();
  browser.set('parlor:notify', 'sometimes');
  assert.equal(new Keepsakes('lobby', both).notify, 'off');
});

test('what is not sent yet is each tab’s own, everything else of the client the browser’s', () => {
  const { browser, tab, both } = storages();
  const storage = clientStorage(both);
  storage.setItem('parlor:outbox:lobby', '[]');
  storage.setItem('parlor:left:lobby', 's1');
  assert.deepEqual([[...tab.keys()], [...browser.keys()]], [['parlor:outbox:lobby'], ['parlor:left:lobby']]);
  assert.equal(storage.getItem('parlor:outbox:lobby'), '[]');
});

test('where storage is forbidden nothing is kept and nothing breaks', () => {
  const forbidden: Storages = {
    get localStorage(): never {
      throw new Error('Storage is forbidden.');
    },
    get sessionStorage(): never {
      throw new Error('Storage is forbidden.');
    },
  };
  const keepsakes = new Keepsakes('lobby', forbidden);
  Object.assign(keepsakes, { name: 'Ada', read: 'e-1', draft: 'half a' });
  assert.deepEqual([keepsakes.name, keepsakes.read, keepsakes.draft, keepsakes.notify], ['', '', '', 'off']);
});
