import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import Fastify from 'fastify';
import { FixedText } from '../../src/http/fixed-text.ts';

test('[P-3] a fixed text is compressed once, however often somebody asks for it', async (t) => {
  const app = Fastify();
  t.after(() => app.close());
  const sent: unknown[] = [];
  app.addHook('onSend', async (_request, _reply, payload) => {
    sent.push(payload);
  });
  const text = 'the same for everybody '.repeat(100);
  const fixed = new FixedText(text);
  app.get('/', (request, reply) => fixed.send(request, reply, 'text/plain'));
  for (const [encoding, unpack] of [
    ['br', brotliDecompressSync],
    ['gzip', gunzipSync],
    ['identity', (bytes: Buffer) => bytes],
  ] as const) {
    const ask = () => app.inject({ url: '/', headers: { 'accept-encoding': encoding } });
    const [one, other] = await Promise.all([ask(), ask()]);
    assert.equal(unpack(one.rawPayload).toString(), text, encoding);
    assert.equal(one.headers['content-encoding'], encoding === 'identity' ? undefined : encoding);
    assert.deepEqual(one.rawPayload, other.rawPayload);
    const [first, second] = sent.splice(0);
    assert.ok(first instanceof Buffer);
    assert.equal(first, second, encoding);
  }
  const { headers } = await app.inject('/');
  assert.equal(headers.vary, 'Accept-Encoding');
  const known = await app.inject({ url: '/', headers: { 'if-none-match': String(headers.etag) } });
  assert.deepEqual([known.statusCode, known.body], [304, '']);
});
