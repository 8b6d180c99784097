import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Authority } from '../support/certificates.ts';
import { runCli } from '../support/cli.ts';
import { CliProcess } from '../support/cli-process.ts';
import { has } from '../support/needs.ts';
import { startServer } from '../support/test-server.ts';

describe('parlor over TLS', () => {
  it('talks and follows with an authority that is trusted, and with no other', async (t) => {
    if (!has(t, 'openssl')) return;
    const authority = await Authority.create(t);
    const { cert, key } = await authority.server();
    const { url, close } = await startServer({ TLS_CERT: cert, TLS_KEY: key });
    t.after(close);
    const env = { NODE_EXTRA_CA_CERTS: authority.cert };
    const tail = CliProcess.start(t, ['tail', url], env);
    const ada = CliProcess.start(t, ['chat', url, '--name', 'Ada'], env);
    await ada.printed(/Ada joined/);
    ada.child.stdin.write('over TLS\n');
    await tail.printed(/Ada: over TLS/);
    ada.child.stdin.end();
    assert.equal(await ada.exited, 0);
    const { code, stderr } = await runCli(['tail', url]);
    assert.equal(code, 3);
    assert.match(stderr, /^parlor: https:[^\n]+cannot be reached: [^\n]+\n$/);
  });

  it('says that it has no certificate where one is asked for', async (t) => {
    if (!has(t, 'openssl')) return;
    const authority = await Authority.create(t);
    const { cert, key } = await authority.server();
    const options = { TLS_CERT: cert, TLS_KEY: key, TLS_CLIENT_CA: authority.cert, AUTH: 'certificate' };
    const { url, close } = await startServer(options);
    t.after(close);
    const env = { NODE_EXTRA_CA_CERTS: authority.cert };
    const { code, stderr } = await CliProcess.start(t, ['chat', url, '--name', 'Ada'], env).fed('hi');
    assert.deepEqual(
      [code, stderr],
      [4, 'parlor: This room asks for a certificate, and parlor has none to show.\n'],
    );
  });
});
