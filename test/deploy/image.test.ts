import assert from 'node:assert/strict';
import { execFileSync, type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isLong, report } from '../fault/support/report.ts';
import { page } from '../support/readme.ts';
import { freePort } from '../support/redis-server.ts';
import { ServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/sqlite.ts';
import { execForm, isInContext, lastOf, stagesOf } from './support/dockerfile.ts';
import {
  buildImage,
  type Image,
  isRoot,
  makeReadOnly,
  nobody,
  pathsWithin,
  placePackages,
} from './support/image.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));
const stages = stagesOf(page('deploy/Dockerfile'));
const ignoreFile = page('deploy/Dockerfile.dockerignore');
const [, runtime] = stages;
assert.ok(runtime);
const last = (keyword: string): string => lastOf(runtime, keyword) ?? '';

test('the Dockerfile keeps to what is held good: tags, a plain user, no shell between signal and server', () => {
  assert.equal(stages.length, 2);
  for (const { image } of stages) assert.match(image, /^node:22-bookworm(-slim)?$/);
  assert.match(runtime.image, /-slim$/);
  assert.equal(last('USER'), 'node');
  assert.equal(last('STOPSIGNAL'), 'SIGTERM');
  assert.equal(last('VOLUME'), '/data');
  assert.ok(execForm(last('CMD')));
  assert.match(last('HEALTHCHECK'), /^--interval=\S+ --timeout=\S+ --start-period=\S+ --retries=\d+ CMD \[/);
  const instructions = stages.flatMap((stage) => stage.instructions);
  assert.deepEqual(
    instructions.filter(({ keyword }) => keyword === 'ADD' || keyword === 'ARG'),
    [],
  );
  assert.doesNotMatch(page('deploy/Dockerfile'), /TOKEN|SECRET|PASSWORD|sudo|curl|:latest/);
});

test('its command is that of npm start, with the same memory for what is new', () => {
  const { scripts } = JSON.parse(page('package.json'));
  const command = execForm(last('CMD'))?.join(' ');
  assert.equal(scripts.start, `exec ${command?.replace('/app/', '')}`);
});

test('the engine is given sources and nothing else: no database, no secret, no history', () => {
  const given = ['package.json', 'package-lock.json', 'src/core/clock.ts', 'public/index.html', 'LICENSE'];
  const kept = [
    '.env',
    'deploy/.env',
    'data/parlor.db',
    '.git/HEAD',
    'node_modules/fastify/package.json',
    'dist/server.js',
    'public/assets/page.js',
    'scripts/tools.mjs',
    'test/app.test.ts',
  ];
  assert.deepEqual(
    given.filter((path) => !isInContext(path, ignoreFile)),
    [],
  );
  assert.deepEqual(
    kept.filter((path) => isInContext(path, ignoreFile)),
    [],
  );
});

test('what the Dockerfile describes runs: as a plain user, who can write to the volume only', async (t) => {
  const { folder, environment, workingDirectory } = builtImage(t);
  makeReadOnly(join(folder, 'app'));
  const port = `${await freePort()}`;
  const env = { ...environment, HOST: '127.0.0.1', PORT: port };
  const healthcheck = (): SpawnSyncReturns<string> => {
    const [program = '', ...args] = execForm(last('HEALTHCHECK')) ?? [];
    const here = args.map((arg) => pathsWithin(arg, folder));
    return spawnSync(program, here, { env: { PATH: process.env.PATH, ...env }, encoding: 'utf8' });
  };
  const before = healthcheck();
  assert.equal(before.status, 1);
  assert.match(before.stderr, /ECONNREFUSED/);

  const command = execForm(last('CMD'))?.map((word) => pathsWithin(word, folder)) ?? [];
  const server = await ServerProcess.start({
    // Root starts it as nobody, as the engine would as `node`.
    command: isRoot
      ? ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', ...command]
      : command,
    cwd: workingDirectory,
    env,
  });
  t.after(() => server.stop());
  assert.equal(healthcheck().status, 0);
  const body = new URLSearchParams({ name: 'Ada' });
  const { status } = await fetch(`${server.url}/v1/rooms/lobby/session`, { method: 'POST', body });
  assert.equal(status, 201);
  assert.equal((await fetch(server.url, { headers: { accept: 'text/html' } })).status, 200);
  const database = statSync(join(folder, 'data/parlor.db'));
  assert.equal(database.uid, isRoot ? nobody : process.getuid?.());
  const version = execFileSync(join(folder, 'usr/local/bin/parlor'), ['--version'], { encoding: 'utf8' });
  assert.equal(version.trim(), JSON.parse(page('package.json')).version);

  server.child.kill('SIGTERM');
  assert.equal(await server.exited, 0);
  assert.match(server.stdout, /"closed"/);
});

/**
 * In the long form every command is carried out, those too that install packages: `npm run test:fault -- test/deploy/image.test.ts`.
 */
function builtImage(t: TestContext): Image {
  const within = temporaryFolder(t);
  // For who is nobody in particular.
  chmodSync(within, 0o755);
  // It gives back what `makeReadOnly` took, so that the folder can be removed by others than root.
  t.after(() => spawnSync('chmod', ['-R', 'u+w', within]));
  const image = buildImage(stages, { folder: project, ignoreFile }, within, (command, folder) => {
    const ofThisMachine = command.replace('-o node -g node ', '');
    if (isLong || !/^npm (ci|pkg)\b/.test(command)) return ofThisMachine;
    if (command.startsWith('npm ci'))
      symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'));
    else {
      execFileSync('rm', [join(folder, 'node_modules')]);
      placePackages(project, folder);
    }
    return undefined;
  });
  if (isLong) {
    assert.ok(existsSync(join(image.folder, 'app/node_modules/ioredis')), 'it can run on a Redis');
    assert.ok(!existsSync(join(image.folder, 'app/node_modules/typescript')), 'what only builds it is gone');
    report(t, { fault: 'none', tried: 'all steps of the Dockerfile', found: 'the server runs' });
  }
  if (isRoot) chownSync(join(image.folder, 'data'), nobody, nobody);
  return image;
}
