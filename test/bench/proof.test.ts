import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Bench } from '../../bench/bench.ts';
import { type Built, buildAll } from '../../bench/built.ts';
import { smokeSizes } from '../../bench/sizes.ts';
import { rawNet } from '../../bench/systems/all.ts';

// Faults come with the tenth message; what is missing in the end is waited for so long.
const sizes = { ...smokeSizes, measureMs: 300, drainMs: 1_000 };

let built: Built;

before(async () => {
  built = await buildAll();
});
after(() => built?.remove());

test('a run against an honest server counts', async () => {
  const { measurements, thrownAway } = await runAgainst('');
  assert.deepEqual(thrownAway, []);
  const [run] = measurements;
  assert.ok((run?.figures.messages ?? 0) > 10, 'enough was said');
});

const lies: [fault: string, does: string, message: RegExp][] = [
  ['drop', 'withholds a message from one stream', /differs from the others|lack messages/],
  ['double', 'sends a message twice to one stream', /differs from the others|Expected message/],
  ['reorder', 'swaps two messages of one stream', /differs from the others|Expected message/],
  ['alter', 'alters a letter of one stream', /differs from the others/],
  ['cut', 'cuts one stream off', /A stream ended before it was to/],
  ['lose', 'loses a message that it acknowledged, for all', /one is missing|lack messages/],
  ['repeat', 'sends a message twice to all', /came twice/],
];

for (const [fault, does, message] of lies) {
  test(`a run is thrown away if the server ${does}`, async () => {
    const { measurements, thrownAway } = await runAgainst(fault);
    assert.deepEqual(measurements, []);
    assert.equal(thrownAway.length, 1);
    assert.match(thrownAway[0] ?? '', /^proof · raw net, gathering: a run is thrown away\. /);
    assert.match(thrownAway[0] ?? '', message);
  });
}

/** Two publishers, so that one goes on when what the other said has gone astray. */
async function runAgainst(fault: string): Promise<Bench> {
  const bench = new Bench(built, sizes, () => {}, 'proof');
  await bench.inTurn([{ system: rawNet, env: { FAULT: fault } }], async ({ load }) => {
    await load.call('addPublishers', { room: 'lobby', count: 2, messageBytes: 120 });
    await load.call('open', { room: 'lobby', kind: 'feed', count: 5 });
    await load.call('synchronise', undefined);
    return { ...(await load.call('load', { ...sizes, rate: 100 })) };
  });
  return bench;
}
