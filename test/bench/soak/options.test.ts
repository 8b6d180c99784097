import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { soakOptions } from '../../../bench/soak/options.ts';

describe('what a soak is asked to do', () => {
  it('is a duration in seconds, minutes or hours', () => {
    const durations = [
      ['90s', 90],
      ['30m', 1_800],
      ['1.5h', 5_400],
    ] as const;
    for (const [text, seconds] of durations) assert.equal(soakOptions([text]).seconds, seconds);
  });

  it('is one server at full load unless it is said otherwise', () => {
    assert.deepEqual(soakOptions(['30m']), { seconds: 1_800, load: 1, isCluster: false, imports: [] });
    const args = ['--load=0.5', '2h', '--redis', '--import=a=b.mjs'];
    assert.deepEqual(soakOptions(args), { seconds: 7_200, load: 0.5, isCluster: true, imports: ['a=b.mjs'] });
  });

  it('is refused in words where it makes no sense', () => {
    const refused: readonly (readonly [string[], RegExp])[] = [
      [[], /such as 30m; got ""/],
      [['30'], /got "30"/],
      [['3s'], /15s or more/],
      [['1d'], /got "1d"/],
      [['30m', '2h'], /got 2h as well/],
      [['30m', '--load=0'], /up to 100; got "0"/],
      [['30m', '--load=x'], /got "x"/],
      [['30m', '--redis=yes'], /expects no value/],
      [['30m', '--smoke'], /no option --smoke/],
    ];
    for (const [args, message] of refused) assert.throws(() => soakOptions(args), { message });
  });
});
