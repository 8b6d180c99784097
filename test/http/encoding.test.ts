import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodingFor } from '../../src/http/encoding.ts';

test('what compresses best is taken of what is understood, and nothing that is refused', () => {
  for (const [accepted, encoding] of [
    [undefined, 'plain'],
    ['gzip, deflate, br', 'br'],
    ['GZIP;q=0.5, br;q=0.1', 'br'],
    ['br; q=0, gzip', 'gzip'],
    ['br;q=0.000,gzip;q=0', 'plain'],
    ['brotli, x-gzip', 'plain'],
  ] as const) {
    assert.equal(encodingFor({ headers: { 'accept-encoding': accepted } }), encoding, accepted);
  }
});
