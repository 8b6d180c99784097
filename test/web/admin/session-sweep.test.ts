import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AdminSession } from '../../../src/web/admin/answers.ts';
import { sweepSessions } from '../../../src/web/admin/session-sweep.ts';

/** A server with so many sessions, of which some end between two pages. */
class Sessions {
  all: AdminSession[];
  readonly offsets: number[] = [];
  endsPerPage = 0;

  constructor(count: number) {
    this.all = Array.from({ length: count }, (_, i) => sessionOf(`id-${i}`));
  }

  async sessions(offset: number): Promise<{ sessions: readonly AdminSession[]; total: number }> {
    this.offsets.push(offset);
    const sessions = this.all.slice(offset, offset + 1000);
    const total = this.all.length;
    this.all = this.all.slice(this.endsPerPage);
    return { sessions, total };
  }
}

function sessionOf(sessionId: string): AdminSession {
  return {
    sessionId,
    user: null,
    name: sessionId,
    room: 'lobby',
    delivery: 'pull',
    state: 'joined',
    address: null,
    createdAt: 0,
    lastInbound: 0,
    lastOutbound: 0,
    streams: 0,
    lag: { bytes: 0, events: 0 },
  };
}

const life = new AbortController().signal;

describe('reading all sessions', () => {
  it('takes a page where that is all there is', async () => {
    for (const count of [0, 1, 999, 1000]) {
      const server = new Sessions(count);
      assert.equal((await sweepSessions(server, life)).length, count);
      assert.deepEqual(server.offsets, [0]);
    }
  });

  it('finds each of twenty thousand once, and tells how far it is', async () => {
    const server = new Sessions(20_000);
    const told: number[] = [];
    const found = await sweepSessions(server, life, (soFar, total) => {
      assert.equal(total, 20_000);
      told.push(soFar.length);
    });
    assert.equal(new Set(found.map(({ sessionId }) => sessionId)).size, 20_000);
    assert.equal(found.length, 20_000);
    assert.ok(server.offsets.length <= 22, `${server.offsets.length} pages`);
    assert.deepEqual(told.slice(0, 3), [1000, 1950, 2900]);
  });

  it('passes over nobody when others end meanwhile', async () => {
    const server = new Sessions(5000);
    server.endsPerPage = 50;
    const found = new Set((await sweepSessions(server, life)).map(({ sessionId }) => sessionId));
    for (const { sessionId } of server.all) assert.ok(found.has(sessionId), sessionId);
  });

  it('stops when nobody wants it any more', async () => {
    const server = new Sessions(20_000);
    const ending = new AbortController();
    await sweepSessions(server, ending.signal, () => ending.abort());
    assert.equal(server.offsets.length, 2);
  });
});
