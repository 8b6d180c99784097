import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Config, OptionTexts } from '../../src/config/config.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import { loadConfig } from '../../src/config/load-config.ts';

test('without .env the environment alone counts', (t) => {
  const { config, warnings } = load(folder(t), { PORT: '4000', HOME: '/root', port: 'x' });
  assert.equal(config.port, 4000);
  assert.deepEqual(warnings, []);
});

test('.env is read, and the environment wins', (t) => {
  const directory = folder(
    t,
    'PORT=5000\r\nHOST="::1" # all\n\n# PORT=6\nexport ROOMS=\'tea,coffee\'\nMAX_ROOMS=5',
  );
  const { config } = load(directory, { PORT: '4000', MAX_ROOMS: '' });
  assert.deepEqual([config.port, config.host, config.maxRooms], [4000, '::1', 5]);
  assert.deepEqual(config.rooms, ['tea', 'coffee']);
});

test('a bad value says when it stands in .env', (t) => {
  const directory = folder(t, 'PORT=many\n');
  assert.throws(() => load(directory), {
    name: 'ConfigError',
    message: 'PORT in .env: expected a whole number from 0 to 65535; got "many".',
  });
  assert.throws(() => load(directory, { PORT: 'few' }), {
    message: 'PORT: expected a whole number from 0 to 65535; got "few".',
  });
});

test('a misspelt option in .env stops the start and is told its right name', (t) => {
  const cases: [written: string, meant: string][] = [
    ['SESION_TIMEOUT', 'SESSION_TIMEOUT'],
    ['SESSION_TIMEOTU', 'SESSION_TIMEOUT'],
    ['MAX_MEMBER', 'MAX_MEMBERS'],
    ['PROT', 'PORT'],
    ['port', 'PORT'],
    ['FEED_ORIGIN', 'FEED_ORIGINS'],
  ];
  for (const [written, meant] of cases) {
    assert.throws(() => load(folder(t, `${written}=1`)), {
      message: `Unknown option "${written}" in .env; did you mean ${meant}?`,
    });
  }
});

test('a misspelt option in the environment is told its right name, and stops nothing', (t) => {
  const { config, warnings } = load(folder(t), {
    EMBED_ORIGIN: 'https://www.example.org',
    HOST: '::1',
    HOSTS: 'x',
    HOME: '/root',
    SSH_AUTH_SOCK: '/run/x',
    NODE_ENV: 'production',
    LOG_LEVEL: 'warn',
  });
  assert.equal(config.host, '::1');
  assert.deepEqual(warnings, [
    '"EMBED_ORIGIN" in the environment is not an option; did you mean EMBED_ORIGINS?',
  ]);
});

test('another name in .env is told and ignored', (t) => {
  const { warnings } = load(folder(t, 'COMPOSE_PROJECT_NAME=chat\nTZ=UTC\n'));
  assert.deepEqual(warnings, [
    '"COMPOSE_PROJECT_NAME" in .env is not an option and was ignored.',
    '"TZ" in .env is not an option and was ignored.',
  ]);
});

test('a line of .env that is no assignment stops the start', (t) => {
  const content = '# first\nHOST="a\nb"\nPORT: 3000\n';
  assert.throws(() => load(folder(t, content)), {
    message: 'Line 4 of .env: expected NAME=value; got "PORT:".',
  });
});

test('a line of .env that is no assignment is told without what may be a secret in it', (t) => {
  for (const [line, came] of [
    ['ADMIN_TOKEN: hunter2', '"ADMIN_TOKEN:"'],
    ['hunter2', 'no name with = behind it'],
  ]) {
    assert.throws(() => load(folder(t, `${line}\n`)), {
      message: `Line 1 of .env: expected NAME=value; got ${came}.`,
    });
  }
});

test('a .env that cannot be read stops the start', (t) => {
  const directory = folder(t);
  mkdirSync(join(directory, '.env'));
  assert.throws(
    () => load(directory),
    (error) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, /^\.env cannot be read \(it is a folder\): "[^"]+\.env"\.$/);
      return true;
    },
  );
});

/** An empty folder that is gone after the test, with this as `.env` if it is given. */
function folder(t: TestContext, content?: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'parlor-'));
  t.after(() => rmSync(directory, { recursive: true }));
  if (content !== undefined) writeFileSync(join(directory, '.env'), content);
  return directory;
}

function load(directory: string, environment: OptionTexts = {}): { config: Config; warnings: string[] } {
  const warnings: string[] = [];
  return { config: loadConfig({ environment, directory, warn: (line) => warnings.push(line) }), warnings };
}
