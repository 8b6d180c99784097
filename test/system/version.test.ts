import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeTrouble } from '../../src/system/version.ts';

test('a Node that is too old is told with what to do, and no other', () => {
  for (const node of ['18.20.8', '20.16.0', '6.17.1']) {
    assert.match(nodeTrouble(node) ?? '', /^Expected Node\.js 20\.17 or newer; this is .+ Install one/);
  }
  for (const node of ['20.17.0', '20.20.2', '22.0.0', '24.18.1', '100.0.0', '25.0.0-nightly2026']) {
    assert.equal(nodeTrouble(node), undefined, node);
  }
});
