import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { has } from '../support/needs.ts';
import { ProxyProcess } from '../support/proxy-process.ts';
import { commandsOf, page } from '../support/readme.ts';
import { freePort } from '../support/redis-server.ts';
import { temporaryFolder } from '../support/sqlite.ts';
import { SseReader } from '../support/sse-reader.ts';
import { startServer } from '../support/test-server.ts';
import { waitUntil } from '../support/wait-until.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment: Record<string, string>;
  readonly depends_on?: object;
  readonly networks: string[] | Record<string, null>;
  readonly ports?: unknown[];
  readonly volumes?: string[];
  readonly read_only?: boolean;
  readonly privileged?: boolean;
  readonly cap_drop?: string[];
  readonly cap_add?: string[];
  readonly security_opt?: string[];
  readonly healthcheck?: { test: string[] };
}

/** As it is written, with what YAML merges. */
const written: { services: Record<string, Service>; networks: Record<string, unknown> } = parse(
  page('deploy/compose.yaml'),
  { merge: true },
);
const { redis } = written.services;
assert.ok(redis?.command && redis.healthcheck);

test('compose takes the file, with the secrets that the docs have made', (t) => {
  if (!has(t, 'docker-compose') || !has(t, 'openssl')) return;
  const folder = deployment(t);
  execFileSync('sh', ['-ec', commandsOf('secrets', 'docs/deploy.md')], { cwd: folder });
  assert.equal(statSync(join(folder, 'deploy/.env')).mode & 0o077, 0);
  const { status, stdout, stderr } = compose(folder);
  assert.equal(status, 0, stderr);
  const { services }: typeof written = parse(stdout);
  assert.deepEqual(Object.keys(services).sort(), ['caddy', 'parlor-1', 'parlor-2', 'redis']);
  assert.equal(services.caddy?.environment.SITE, 'chat.example.org');
  const { environment } = services['parlor-1'] ?? {};
  assert.match(environment?.STORE_URL ?? '', /^redis:\/\/:[0-9a-f]{48}@redis$/);
  assert.deepEqual(services['parlor-2']?.environment, environment);
});

test('compose starts nothing without the password', (t) => {
  if (!has(t, 'docker-compose')) return;
  const folder = deployment(t);
  cpSync(join(folder, 'deploy/.env.example'), join(folder, 'deploy/.env'));
  const { status, stderr } = compose(folder);
  assert.notEqual(status, 0);
  assert.match(stderr, /REDIS_PASSWORD.*stands in deploy\/\.env/);
});

test('every service has a root that nobody writes to, and no more rights than it needs', () => {
  for (const [name, service] of Object.entries(written.services)) {
    assert.equal(service.read_only, true, name);
    assert.equal(service.privileged, undefined, name);
    assert.deepEqual(service.cap_drop, ['ALL'], name);
    assert.deepEqual(service.cap_add, name === 'caddy' ? ['NET_BIND_SERVICE'] : undefined, name);
    assert.deepEqual(service.security_opt, ['no-new-privileges:true'], name);
    assert.doesNotMatch(JSON.stringify(service.volumes ?? []), /docker\.sock/, name);
    assert.match(service.image, /^parlor$|:\d+(-\w+)?$/, `${name} has a tag`);
  }
});

test('only the proxy is reached from outside, and Redis only from the instances', () => {
  const open = Object.entries(written.services).filter(([, { ports }]) => ports !== undefined);
  assert.deepEqual(
    open.map(([name]) => name),
    ['caddy'],
  );
  assert.deepEqual(redis.networks, ['store']);
  assert.deepEqual(written.services.caddy?.networks, ['web']);
  assert.deepEqual(written.networks.store, { internal: true });
  // Whom the instances believe is the network that the proxy is in.
  assert.match(
    JSON.stringify(written.networks.web),
    new RegExp(`"${written.services['parlor-1']?.environment.TRUST_PROXY}"`),
  );
});

test('the Redis of the file asks for its password, keeps what it acknowledged, and ends when told', async (t) => {
  if (!has(t, 'redis-server')) return;
  const { child, folder, healthcheck } = await startRedis(t);
  assert.equal(healthcheck('wrong'), 1);
  assert.equal(healthcheck('sesame'), 0);
  assert.match(execFileSync('ls', [join(folder, 'appendonlydir')], { encoding: 'utf8' }), /\.aof/);
  child.kill('SIGTERM');
  assert.deepEqual(await once(child, 'exit'), [0, null]);
});

test('two instances on that Redis, behind that Caddy, are one room; one of them may go', async (t) => {
  if (!has(t, 'redis-server') || !has(t, 'caddy')) return;
  const { port } = await startRedis(t);
  const options = { STORE_URL: `redis://:sesame@127.0.0.1:${port}`, TRUST_PROXY: '127.0.0.1' };
  const [one, other] = await Promise.all([startServer(options), startServer(options)]);
  t.after(() => other.close());
  let isClosed = false;
  t.after(() => (isClosed ? undefined : one.close()));
  const folder = temporaryFolder(t);
  const proxyPort = await freePort();
  const site = `http://127.0.0.1:${proxyPort}`;
  const caddyfile = join(folder, 'Caddyfile');
  // As Caddy puts in what the environment says.
  writeFileSync(
    caddyfile,
    page('deploy/Caddyfile')
      .replace('{$SITE:localhost}', site)
      .replace('{$INSTANCES:parlor-1:3000 parlor-2:3000}', `127.0.0.1:${one.port} 127.0.0.1:${other.port}`),
  );
  const caddy = new ProxyProcess(
    t,
    'caddy',
    ['run', '--config', caddyfile, '--adapter', 'caddyfile'],
    folder,
    proxyPort,
  );
  await caddy.start();

  const feed = await SseReader.open(`${other.url}/v1/rooms/lobby/feed`);
  assert.equal(feed.status, 200);
  const created = await fetch(`${site}/v1/rooms/lobby/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Ada', credential: 'bearer' }),
  });
  assert.equal(created.status, 201);
  const { token }: { token: string } = JSON.parse(await created.text());
  // As clients do: what is not acknowledged, because its instance has just gone, is said again with the same key.
  const say = (message: string): Promise<void> =>
    waitUntil(async () => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const body = JSON.stringify({ message, key: message });
      return (
        (await fetch(`${site}/v1/rooms/lobby/session/messages`, { method: 'POST', headers, body })).status ===
        201
      );
    }, `"${message}" is acknowledged`);
  for (const message of ['one', 'two', 'three']) await say(message);
  await waitUntil(() => feed.raw.includes('"three"'), 'the feed of the other instance has all');
  await one.close();
  isClosed = true;
  for (const message of ['four', 'five', 'six']) await say(message);
  await waitUntil(() => feed.raw.includes('"six"'), 'the feed goes on');
  const said = [...feed.raw.matchAll(/"message":"(\w+)"/g)].map(([, message]) => message);
  assert.deepEqual(said, ['one', 'two', 'three', 'four', 'five', 'six']);
  feed.response.destroy();
});

/** The command of the file, as a shell gets it, with a folder and a port of the test's own. */
async function startRedis(t: TestContext): Promise<{
  child: ChildProcess;
  folder: string;
  port: number;
  healthcheck: (password: string) => number | null;
}> {
  const folder = temporaryFolder(t);
  const port = await freePort();
  const [shell = '', option = '', script = ''] = redis?.command ?? [];
  assert.match(script, / --dir \/data <</);
  const here = script
    .replaceAll('$$', '$')
    .replace(' --dir /data ', ` --dir ${folder} --port ${port} --bind 127.0.0.1 `);
  const env = { PATH: process.env.PATH, REDIS_PASSWORD: 'sesame' };
  const child = spawn(shell, [option, here], { env, stdio: 'ignore' });
  t.after(() => child.kill('SIGKILL'));
  const [kind, check = ''] = redis?.healthcheck?.test ?? [];
  assert.equal(kind, 'CMD-SHELL');
  const checkHere = check.replaceAll('$$', '$').replace('redis-cli ', `redis-cli -p ${port} `);
  const healthcheck = (password: string): number | null =>
    spawnSync('sh', ['-c', checkHere], { env: { ...env, REDIS_PASSWORD: password }, stdio: 'ignore' }).status;
  await waitUntil(() => healthcheck('sesame') === 0, 'Redis is healthy', 20_000, 50);
  return { child, folder, port, healthcheck };
}

/** A folder with what an operator has. */
function deployment(t: TestContext): string {
  const folder = temporaryFolder(t);
  for (const name of ['deploy/compose.yaml', 'deploy/.env.example']) {
    cpSync(join(project, name), join(folder, name));
  }
  return folder;
}

function compose(folder: string): { status: number | null; stdout: string; stderr: string } {
  const env = { PATH: process.env.PATH, HOME: folder };
  return spawnSync('docker-compose', ['config'], { cwd: join(folder, 'deploy'), env, encoding: 'utf8' });
}
