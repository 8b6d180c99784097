/** A soak whose load came to nothing has shown nothing. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { type Doing, faultsOfDoings } from '../../../bench/soak/doings.ts';
import { Guests } from '../../../bench/soak/guests.ts';
import { Pace } from '../../../bench/soak/pace.ts';
import { faultsOf, type SoakResult } from '../../../bench/soak/soak.ts';
import { SeededRandom } from '../../fault/support/seeded-random.ts';
import { waitUntil } from '../../support/wait-until.ts';

const well: Doing = { begun: 100, done: 98, refused: 2, expected: 110 };

describe('what a load got done', () => {
  it('is enough if a late machine does less, and refuses somebody now and then', () => {
    assert.deepEqual(faultsOfDoings({ visits: well }), []);
    assert.deepEqual(faultsOfDoings({ visits: { ...well, begun: 30, done: 28, refused: 8 } }), []);
    assert.deepEqual(faultsOfDoings({ visits: { begun: 1, done: 0, refused: 0, expected: 3.9 } }), []);
  });

  it('is too little if a server refuses all newcomers, or gets nothing done', () => {
    assert.deepEqual(faultsOfDoings({ messages: well, visits: { ...well, done: 0, refused: 100 } }), [
      'visits: 0 were done, where some 110 are expected',
      'visits: 100 of 100 were refused',
    ]);
    assert.deepEqual(faultsOfDoings({ visits: { ...well, done: 84, refused: 16 } }), [
      'visits: 16 of 100 were refused',
    ]);
    assert.deepEqual(faultsOfDoings({ visits: { ...well, begun: 30, done: 26, refused: 0 } }), [
      'visits: 26 were done, where some 110 are expected',
    ]);
  });

  it('is a fault of the soak', () => {
    const verdict = { faults: [], total: 0, events: 9, acknowledged: 9, gaps: 0 };
    const result: SoakResult = {
      seconds: 300,
      seed: 1,
      doings: { visits: well },
      verdict,
      complaints: [],
      instances: [],
    };
    assert.deepEqual(faultsOf(result), []);
    const refused = { ...result, doings: { visits: { ...well, refused: 98 } } };
    assert.deepEqual(faultsOf(refused), ['visits: 98 of 100 were refused']);
  });

  it('counts each guest who is not let in, and nobody asks again', async (t) => {
    const server = createServer((request, response) => {
      request.resume();
      response.writeHead(503, { 'retry-after': '5' }).end();
    }).listen(0, '127.0.0.1');
    t.after(() => server.close());
    await once(server, 'listening');
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/rooms/lobby`;
    const random = new SeededRandom(1);
    const guests = new Guests(() => [base], 3, random);
    for (const what of [
      'visit',
      'visitSideRoom',
      'useForms',
      'operate',
      'stall',
      'takeOver',
      'passBy',
    ] as const) {
      const pace = new Pace((number) => guests[what](number), 1, random);
      await waitUntil(() => pace.refused >= 3, `three were refused to ${what}`);
      await pace.finish(20_000);
      assert.equal(pace.refused, pace.begun, what);
      assert.deepEqual(pace.complaints, []);
    }
  });

  it('says who is still at it long after the load', async () => {
    const pace = new Pace(() => new Promise(() => {}), 1, new SeededRandom(1));
    await waitUntil(() => pace.begun > 0, 'one had begun');
    await pace.finish(10);
    assert.deepEqual(pace.complaints, [`${pace.begun} are still at it 0.01 s after the load`]);
  });
});
