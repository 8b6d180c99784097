import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ApiClient } from './support/api-client.ts';
import { has } from './support/needs.ts';
import { commandsOf } from './support/readme.ts';
import { RedisServer } from './support/redis-server.ts';
import { type ProcessOptions, ServerProcess } from './support/server-process.ts';

const project = fileURLToPath(new URL('..', import.meta.url));

async function start(t: TestContext, options: ProcessOptions = {}) {
  const server = await ServerProcess.start(options);
  t.after(() => server.stop());
  return server;
}

/** Runs a server that must refuse to start. */
async function refused(t: TestContext, options: ProcessOptions): Promise<string> {
  const server = ServerProcess.spawn(options);
  t.after(() => server.stop());
  assert.equal(await server.exited, 1);
  assert.match(server.stderr, /^parlor: [^\n]+\n$/);
  return server.stderr;
}

function folder(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'parlor-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

describe('the server process', () => {
  it('prints the address to open, and serves the room there', async (t) => {
    const server = await start(t);
    assert.equal((await fetch(`${server.url}/livez`)).status, 200);
  });

  it('is what npm start runs, and ends with it', async (t) => {
    const env = { STORE_URL: `sqlite:${join(folder(t), 'parlor.db')}` };
    const server = await start(t, { command: ['npm', 'start'], cwd: project, env });
    assert.equal((await fetch(`${server.url}/livez`)).status, 200);
    server.child.kill('SIGTERM');
    await server.exited;
    await assert.rejects(fetch(`${server.url}/livez`));
  });

  it('takes its options from .env, and the environment wins', async (t) => {
    const cwd = folder(t);
    writeFileSync(join(cwd, '.env'), 'ROOMS=garden,kitchen\nPORT=1\n');
    const server = await start(t, { cwd });
    const rooms = await (await fetch(`${server.url}/v1/rooms`)).json();
    assert.deepEqual(rooms, {
      rooms: [
        { name: 'garden', members: 0 },
        { name: 'kitchen', members: 0 },
      ],
    });
  });

  it('refuses a taken port in one line', async (t) => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    t.after(() => holder.close());
    const address = holder.address();
    assert(address && typeof address === 'object');
    const line = await refused(t, { env: { PORT: String(address.port) } });
    assert.match(line, new RegExp(`PORT: .*port ${address.port}: something else listens there`));
  });

  it('refuses an unknown value in one line', async (t) => {
    assert.match(await refused(t, { env: { SESSION_TIMEOUT: 'soon' } }), /SESSION_TIMEOUT.*"soon"/);
  });

  it('refuses a .env that cannot be read in one line', async (t) => {
    const cwd = folder(t);
    // A folder of this name cannot be read by anybody, root included.
    mkdirSync(join(cwd, '.env'));
    chmodSync(join(cwd, '.env'), 0o755);
    assert.match(await refused(t, { cwd }), /\.env/);
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`closes with grace on ${signal}, also with open streams and waiting polls`, async (t) => {
      const server = await start(t);
      const [ada, bob] = [await ApiClient.join(server.url, 'Ada'), await ApiClient.join(server.url, 'Bob')];
      const stream = await ada.subscribe();
      await stream.expect('init');
      const head = (await bob.users()).body.cursor;
      const poll = bob.updates({ after: head, wait: 25 });
      // A request that is never finished must not hold the exit up either.
      const half = connect(Number(new URL(server.url).port), '127.0.0.1');
      t.after(() => half.destroy());
      half.on('error', () => {});
      half.write('POST /v1/rooms/lobby/session HTTP/1.1\r\nHost: x\r\n');
      // Answered only after the poll before it waits.
      await ada.updates({ after: head });
      server.child.kill(signal);
      const events = await stream.rest();
      assert.deepEqual(JSON.parse(events.at(-1)?.data ?? ''), {
        reason: 'shutdown',
        action: 'reconnect',
        reconnect: true,
      });
      const answer = await poll;
      assert.deepEqual([answer.status, answer.body.events], [200, []]);
      assert.equal(await server.exited, 0);
    });
  }

  for (const signal of ['SIGHUP', 'SIGUSR2'] as const) {
    it(`closes with grace on ${signal} too`, async (t) => {
      const server = await start(t);
      const stream = await new ApiClient(server.url).feed();
      await stream.expect('init');
      server.child.kill(signal);
      assert.match((await stream.rest()).at(-1)?.data ?? '', /"reason":"shutdown"/);
      assert.equal(await server.exited, 0);
    });
  }

  it('dies of the signal by which the system ends what has crashed', async (t) => {
    const server = await start(t);
    server.child.kill('SIGSEGV');
    await server.exited;
    assert.equal(server.child.signalCode, 'SIGSEGV');
  });

  it('ends at once on a second signal', async (t) => {
    const server = await start(t, { env: { SHUTDOWN_SECONDS: '60' } });
    const half = connect(Number(new URL(server.url).port), '127.0.0.1');
    t.after(() => half.destroy());
    half.on('error', () => {});
    half.write('POST /v1/rooms/lobby/session HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n');
    await (await fetch(`${server.url}/livez`)).text();
    server.child.kill('SIGTERM');
    await server.printed(/(closing)/);
    // Until the second one counts: what comes at once is the same Ctrl-C once more.
    const again = setInterval(() => server.child.kill('SIGTERM'), 100);
    t.after(() => clearInterval(again));
    assert.equal(await server.exited, 1);
    assert.match(server.stdout, /second signal/);
  });

  it('takes a signal that comes twice at once for one, as npm hands Ctrl-C on', async (t) => {
    const server = await start(t);
    const stream = await new ApiClient(server.url).feed();
    await stream.expect('init');
    server.child.kill('SIGINT');
    server.child.kill('SIGINT');
    assert.match((await stream.rest()).at(-1)?.data ?? '', /"reason":"shutdown"/);
    assert.equal(await server.exited, 0);
  });

  it('prints the address of PUBLIC_URL if there is one, and behind it the one that a proxy needs', async (t) => {
    const server = await start(t, { env: { PUBLIC_URL: 'http://chat.example' } });
    assert.equal(server.url, 'http://chat.example');
    const own = await server.printed(
      /open at http:\/\/chat\.example \(listens at (http:\/\/127\.0\.0\.1:\d+)\)/,
    );
    assert.equal((await fetch(`${own}/livez`)).status, 200);
  });

  it('says that it waits for a store that is away, and that it is open once that is there', async (t) => {
    if (!has(t, 'redis-server')) return;
    const redis = await RedisServer.start();
    t.after(() => redis.dispose());
    await redis.kill();
    const server = ServerProcess.spawn({ env: { STORE_URL: redis.url } });
    t.after(() => server.stop());
    const url = await server.printed(/waits for its store, and opens by itself at (http:[^\s"]+)/);
    assert.doesNotMatch(server.stdout, /is open at/);
    await redis.run();
    assert.equal(await server.printed(/Parlor is open at (http:[^\s"]+)/), url);
    await ApiClient.join(url, 'Ada');
  });

  it('logs in JSON with never a message, a name or a token', async (t) => {
    const server = await start(t);
    const ada = await ApiClient.join(server.url, 'Zerbinetta');
    await ada.send('unspeakable');
    await ada.destroy();
    server.child.kill('SIGTERM');
    await server.exited;
    for (const line of server.stdout.trim().split('\n')) assert.equal(typeof JSON.parse(line).msg, 'string');
    assert.match(server.stdout, /session created/);
    assert.doesNotMatch(server.stdout, /unspeakable|Zerbinetta/);
    assert(!server.stdout.includes(ada.token ?? ''));
  });

  it('runs the commands of the README', async (t) => {
    if (!has(t, 'bash') || !has(t, 'curl')) return;
    const server = await start(t);
    for (const group of ['talk', 'live']) {
      const script = commandsOf(group).replaceAll('http://127.0.0.1:3000', server.url);
      const { stdout } = await promisify(execFile)('bash', ['-c', `set -u\n${script}`], {
        cwd: folder(t),
      }).catch(
        // `curl -m` ends a stream with 28.
        (error: { stdout: string; code: number }) => {
          assert.equal(error.code, 28);
          return error;
        },
      );
      assert.match(stdout, group === 'talk' ? /"message":"Hello from the shell!"/ : /event: init/);
      assert.doesNotMatch(stdout, /"status":4|"status":5/);
    }
  });
});
