import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { builtPage } from '../support/built-page.ts';
import { startServer } from '../support/test-server.ts';

/** What all that a first load takes may weigh, as it comes over the wire to a browser that takes gzip. */
const maxBytes = 40_000;

test('all that the first load of the page takes is light, compressed', async (t) => {
  const server = await startServer({}, { publicDirectory: await builtPage() });
  t.after(() => server.close());
  const load = async (path: string): Promise<{ bytes: Buffer; encoding: string | undefined }> => {
    const headers = { accept: 'text/html,*/*', 'accept-encoding': 'gzip' };
    const [response] = (await once(get(`${server.url}${path}`, { headers, agent: false }), 'response')) as [
      IncomingMessage,
    ];
    assert.equal(response.statusCode, 200, path);
    return { bytes: await buffer(response), encoding: response.headers['content-encoding'] };
  };
  const html = await (await fetch(server.url, { headers: { accept: 'text/html' } })).text();
  const linked = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path ?? '');
  // Of the icons a browser takes one; the last is for home screens.
  const paths = ['/', ...linked.filter((path) => !/\.png$|^\/plain/.test(path))];
  assert.ok(paths.length >= 5, `${paths}: the page, its style, its script, an icon and the manifest`);
  let total = 0;
  for (const path of paths) {
    const { bytes, encoding } = await load(path);
    if (path.startsWith('/assets/')) assert.equal(encoding, 'gzip');
    t.diagnostic(`${path}: ${bytes.length} bytes`);
    total += bytes.length;
  }
  t.diagnostic(`${total} bytes of ${maxBytes}`);
  assert.ok(total <= maxBytes, `${total} bytes are more than ${maxBytes}`);
});
