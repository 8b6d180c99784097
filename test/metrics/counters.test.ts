import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeEvent } from '../../src/core/events.ts';
import type { RoomObserver } from '../../src/core/observer.ts';
import { Counters } from '../../src/metrics/counters.ts';

const session = { sessionId: 's', name: 'Ada', room: { name: 'lobby' } };
const ended = {
  ...session,
  delivery: 'pull',
  createdAt: 0,
  lastInbound: 0,
  lastOutbound: 0,
  endedAt: 0,
  sent: { bytes: 0, events: 0 },
} as const;

test('what is counted is told on, and so is all the rest, to an observer that is an object of a class', () => {
  class Told implements RoomObserver {
    readonly heard: string[] = [];

    gapTold(room: string, lost: number | null): void {
      this.heard.push(`gap ${room} ${lost}`);
    }

    storeReconnected(why: string | undefined): void {
      this.heard.push(`back ${why}`);
    }
  }
  const [counters, told] = [new Counters(), new Told()];
  const observer = counters.observe(told);
  observer.gapTold?.('lobby', 3);
  observer.gapTold?.('lobby', null);
  observer.storeReconnected?.('reset');
  observer.sessionCreated?.(session);
  observer.sessionResumed?.(session);
  observer.sessionEnded?.(ended, 'expired');
  observer.streamOpened?.('lobby', true);
  observer.streamEnded?.('lobby', 'slow');
  observer.notificationsDropped?.(4);
  observer.administered?.({ act: 'refused', address: '192.0.2.1' });
  observer.administered?.({ act: 'announced', address: '192.0.2.1' });
  observer.fault?.(new Error('broken'), 'testing');
  observer.committed?.('lobby', [
    encodeEvent({ id: 1, type: 'join', timestamp: 1, name: 'Ada' }),
    encodeEvent({ id: 2, type: 'message', timestamp: 1, name: 'Ada', message: 'hello' }),
  ]);
  counters.events += 5;
  counters.polled += 2;
  counters.noteRefusal({ code: 'name-in-use' });
  counters.noteRefusal({ code: 'rate-limited', limit: 'SEND_LIMIT' });
  assert.deepEqual(told.heard, ['gap lobby 3', 'gap lobby null', 'back reset']);
  assert.deepEqual(counters.now, {
    messages: 1,
    events: 2,
    deliveries: 7,
    created: 1,
    ended: 1,
    refused: 2,
    gaps: 2,
  });
  assert.deepEqual(
    [counters.byType.join, counters.sessionsResumed, counters.sessionsEnded.expired, counters.lostEvents],
    [1, 1, 1, 3],
  );
  assert.deepEqual([counters.streamsOpened.resumed, counters.streamsEnded.slow], [1, 1]);
  assert.deepEqual([...counters.refusals], [['SEND_LIMIT', 1]]);
  assert.deepEqual([counters.wrongAdminTokens, counters.notificationsDropped, counters.faults], [1, 4, 1]);
});

test('what is measured is told to whoever measures: a batch, a pass and a commit at a time', () => {
  const counters = new Counters();
  const observer = counters.observe({});
  observer.storeCommitted?.(1);
  const told: unknown[] = [];
  counters.measurements = {
    batch: (events) => told.push(['batch', events]),
    fanOut: (ms) => told.push(['fan-out', ms]),
    commit: (ms) => told.push(['commit', ms]),
  };
  observer.committed?.('lobby', [encodeEvent({ id: 1, type: 'join', timestamp: 1, name: 'Ada' })]);
  observer.fannedOut?.('lobby', 2.5);
  observer.storeCommitted?.(4);
  assert.deepEqual(told, [
    ['batch', 1],
    ['fan-out', 2.5],
    ['commit', 4],
  ]);
});
