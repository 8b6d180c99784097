import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { listening } from '../support/listening.ts';
import { has } from '../support/needs.ts';
import { describesTerminalExample } from './support/terminal-example.ts';

const program = fileURLToPath(new URL('../../examples/bash/chat.sh', import.meta.url));

describe('the example in bash', { concurrency: 6 }, () => {
  describesTerminalExample({
    deliveries: ['pull'],
    command: async (t) => (has(t, 'bash') && has(t, 'curl') ? ['bash', program] : undefined),
  });

  it('says why a server cannot be reached', { timeout: 60_000 }, async (t) => {
    if (!has(t, 'bash') || !has(t, 'curl')) return;
    // What answers there has no TLS.
    const url = (await listening(t, createServer())).replace('http:', 'https:');
    const child = spawn('bash', [program, `${url}/lobby`, '--name', 'Ada'], {
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    t.after(() => child.kill('SIGKILL'));
    const [line] = await once(createInterface(child.stderr), 'line');
    assert.match(line, /^-- The server cannot be reached \(curl: \(35\) .+\)\. Trying again\.$/);
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
});
