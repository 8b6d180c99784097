import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Trends } from '../../../src/web/admin/trends.ts';
import { statsOf } from './support/stats.ts';

describe('what the server did over the last minutes', () => {
  it('is the difference of what it counts, by the time that has passed on it', () => {
    const trends = new Trends();
    trends.take(statsOf(0, { messages: 100, deliveries: 1000 }, { cpuMs: 500 }));
    assert.equal(trends.figuresOf('messages'), undefined, 'one look makes no rate');
    assert.equal(trends.figuresOf('members')?.latest, 7);
    assert.equal(trends.figuresOf('sessions')?.latest, 8);
    trends.take(statsOf(2000, { messages: 104, deliveries: 5000 }, { cpuMs: 1500 }));
    trends.take(statsOf(6000, { messages: 104, deliveries: 5000 }, { cpuMs: 2500 }));
    assert.deepEqual(trends.data.columns.messages, [null, 2, 0]);
    assert.deepEqual(trends.data.columns.deliveries, [null, 2000, 0]);
    assert.deepEqual(trends.data.columns.cpu, [null, 0.5, 0.25]);
    assert.deepEqual(trends.data.times, [0, 2, 6]);
    assert.deepEqual(trends.figuresOf('messages'), { latest: 0, mean: 1, highest: 2 });
  });

  it('has a hole where nobody looked, and no rate over it', () => {
    const trends = new Trends();
    trends.take(statsOf(0, { messages: 0 }));
    trends.take(statsOf(2000, { messages: 2 }));
    trends.take(statsOf(60_000, { messages: 1_000_000 }));
    trends.take(statsOf(62_000, { messages: 1_000_010 }));
    assert.deepEqual(trends.data.columns.messages, [null, 1, null, null, 5]);
    assert.deepEqual(trends.data.columns.members, [7, 7, null, 7, 7]);
  });

  it('begins anew when the server does', () => {
    const trends = new Trends();
    trends.take(statsOf(0, { messages: 500 }));
    trends.take(statsOf(2000, { messages: 600 }, { startedAt: 1500 }));
    trends.take(statsOf(4000, { messages: 602 }, { startedAt: 1500 }));
    assert.deepEqual(trends.data.columns.messages, [null, null, null, 1]);
  });

  it('takes nothing from a counter that fell, or from a clock that stands or goes back', () => {
    const trends = new Trends();
    trends.take(statsOf(10_000, { messages: 500 }));
    trends.take(statsOf(12_000, { messages: 400 }));
    trends.take(statsOf(12_000, { messages: 900 }));
    assert.deepEqual(trends.data.columns.messages, [null, null]);
    trends.take(statsOf(3000, { messages: 910 }));
    trends.take(statsOf(5000, { messages: 914 }));
    const { times, columns } = trends.data;
    assert.deepEqual(columns.messages, [2]);
    assert.deepEqual(
      [...times],
      [...times].sort((a, b) => a - b),
      'a plot needs times in order',
    );
  });

  it('keeps ten minutes', () => {
    const trends = new Trends();
    for (let second = 0; second <= 1200; second += 2)
      trends.take(statsOf(second * 1000, { messages: second }));
    const { times, columns } = trends.data;
    assert.deepEqual([times[0], times.at(-1), times.length], [600, 1200, 301]);
    assert.equal(columns.messages.length, 301);
  });
});
