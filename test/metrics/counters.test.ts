import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeEvent } from '../../src/core/events.ts';
import type { RoomObserver } from '../../src/core/observer.ts';
import { Counters } from '../../src/metrics/counters.ts';

test('what is counted is told on, and so is all the rest, to an observer that is an object of a class', () => {
  class Told implements RoomObserver {
    readonly heard: string[] = [];

    gapTold(room: string, lost: number | null): void {
      this.heard.push(`gap ${room} ${lost}`);
    }

    streamOpened(room: string): void {
      this.heard.push(`stream ${room}`);
    }
  }
  const [counters, told] = [new Counters(), new Told()];
  const observer = counters.observe(told);
  observer.gapTold?.('lobby', 3);
  observer.streamOpened?.('lobby');
  const session = { sessionId: 's', name: 'Ada', room: { name: 'lobby' } };
  observer.sessionCreated?.(session);
  observer.sessionEnded?.(session, 'expired');
  observer.committed?.('lobby', [
    encodeEvent({ id: 1, type: 'join', timestamp: 1, name: 'Ada' }),
    encodeEvent({ id: 2, type: 'message', timestamp: 1, name: 'Ada', message: 'hello' }),
  ]);
  counters.events += 5;
  counters.noteRefusal();
  assert.deepEqual(told.heard, ['gap lobby 3', 'stream lobby']);
  assert.deepEqual(counters.now, {
    messages: 1,
    events: 2,
    deliveries: 5,
    created: 1,
    ended: 1,
    refused: 1,
    gaps: 1,
  });
});
