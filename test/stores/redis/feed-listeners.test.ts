import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EncodedEvent } from '../../../src/core/events.ts';
import type { StoreListener } from '../../../src/core/store.ts';
import { FeedListeners } from '../../../src/stores/redis/feed-listeners.ts';
import { entry, message } from '../../support/events.ts';

const event = (id: number) => entry(id, message('hello'));
const snapshot = (events: readonly EncodedEvent[]) => ({ epoch: 'e1', baseId: 0, users: [], events });

function fail(): never {
  throw new Error('a bug');
}

class Listener implements StoreListener {
  readonly heard: (number | string)[] = [];

  deliver(batch: readonly EncodedEvent[]): void {
    this.heard.push(...batch.map(({ event: { id } }) => id));
  }

  ended(sessionId: string): void {
    this.heard.push(sessionId);
  }

  replaced(): void {
    this.heard.push('all');
  }
}

test('what a listener throws keeps nobody else from being told, and is told to whoever watches', () => {
  const faults: string[] = [];
  const listeners = new FeedListeners((error, doing) => faults.push(`${doing}: ${(error as Error).message}`));
  const sound = new Listener();
  for (const listener of [{ deliver: fail, ended: fail, replaced: fail }, sound]) {
    listeners.begin(listeners.add(listener), snapshot([]));
  }
  listeners.deliver([event(1)]);
  listeners.ended({ entry: '1-0', sessionId: 'Ada', reason: 'removed', detail: undefined });
  listeners.replace(snapshot([event(1), event(2)]));
  listeners.deliver([event(2), event(3)]);
  assert.deepEqual(sound.heard, [1, 'Ada', 'all', 3]);
  assert.deepEqual(faults, [
    'delivering to a listener: a bug',
    'telling a listener of an ending: a bug',
    'giving a listener a room anew: a bug',
    'delivering to a listener: a bug',
  ]);
});

test('a listener without its snapshot is not given the room as a whole, and hears afterwards what came', () => {
  const listeners = new FeedListeners(fail);
  const listener = new Listener();
  const listening = listeners.add(listener);
  listeners.replace(snapshot([event(1)]));
  listeners.deliver([event(2)]);
  assert.deepEqual(listener.heard, []);
  listeners.begin(listening, snapshot([event(1)]));
  assert.deepEqual(listener.heard, [2]);
});
