import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Config, OptionTexts } from '../../src/config/config.ts';
import { ConfigError } from '../../src/config/config-error.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { listOptions } from '../../src/config/options.ts';

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

test('nothing is warned of that systemd, containers, npm or CI put into the environment', (t) => {
  const usual =
    `INVOCATION_ID JOURNAL_STREAM NOTIFY_SOCKET LISTEN_FDS LISTEN_PID LISTEN_FDNAMES WATCHDOG_USEC SYSTEMD_EXEC_PID
    RUNTIME_DIRECTORY STATE_DIRECTORY CACHE_DIRECTORY LOGS_DIRECTORY CREDENTIALS_DIRECTORY MEMORY_PRESSURE_WATCH REMOTE_ADDR
    XDG_RUNTIME_DIR XDG_SESSION_ID DBUS_SESSION_BUS_ADDRESS SSH_AUTH_SOCK SSH_CONNECTION SUDO_USER LC_ALL LS_COLORS
    DOCKER_HOST DOCKER_TLS_VERIFY DOCKER_CERT_PATH COMPOSE_PROJECT_NAME NODE_VERSION YARN_VERSION NODE_ENV NODE_OPTIONS
    NODE_EXTRA_CA_CERTS SSL_CERT_FILE SSL_CERT_DIR HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy NO_COLOR
    POD_IP POD_NAME POD_NAMESPACE NODE_NAME HOST_IP HOST_NAME SERVICE_NAME REDIS_URL DATABASE_URL
    npm_command npm_config_cache npm_config_prefix npm_config_registry npm_config_loglevel npm_config_user_agent npm_execpath
    npm_lifecycle_event npm_lifecycle_script npm_node_execpath npm_package_json npm_package_name npm_package_version INIT_CWD
    PM2_HOME PNPM_HOME log_file out_file max_restarts max_memory_restart restart_time
    GITHUB_ACTIONS GITHUB_API_URL GITHUB_ENV GITHUB_JOB GITHUB_REF GITHUB_SERVER_URL GITHUB_TOKEN GITHUB_WORKSPACE RUNNER_OS
    RUNNER_TEMP ACTIONS_RUNTIME_TOKEN ACTIONS_RUNTIME_URL CI_JOB_ID CI_JOB_TIMEOUT CI_JOB_TOKEN CI_JOB_URL CI_PAGES_URL
    CI_PROJECT_URL CI_SERVER_HOST CI_SERVER_PORT CI_SERVER_TLS_CA_FILE CI_SERVER_URL GITLAB_CI BUILD_ID BUILD_URL JOB_NAME
    JENKINS_URL CHANGE_URL GIT_URL TRAVIS_JOB_ID CIRCLE_JOB AWS_REGION AWS_SESSION_TOKEN K_SERVICE FLY_PUBLIC_IP
    RENDER_EXTERNAL_URL RAILWAY_STATIC_URL WEB_CONCURRENCY WEB_MEMORY NOMAD_MEMORY_LIMIT OTEL_LOG_LEVEL`.split(
      /\s+/,
    );
  const options = listOptions().map(({ variable }) => variable);
  // A service may be called anything: `store`, `tls`, `max-loop`.
  const services = options.flatMap((name) =>
    name.split('_').map((_, count, words) => words.slice(0, count + 1).join('_')),
  );
  const given = ['PARLOR', 'KUBERNETES', 'CHAT', ...services].flatMap((service) =>
    [
      'SERVICE_HOST',
      'SERVICE_PORT',
      'SERVICE_PORT_HTTP',
      'PORT',
      'PORT_3000_TCP',
      'PORT_3000_TCP_ADDR',
      'PORT_3000_TCP_PORT',
      'PORT_3000_TCP_PROTO',
    ].map((suffix) => `${service}_${suffix}`),
  );
  const environment = Object.fromEntries([...usual, ...given].map((name) => [name, 'tcp://10.0.0.1:3000']));
  assert.deepEqual(load(folder(t), environment).warnings, []);
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

test('a value of .env that would be cut at a # stops the start, and is not told', (t) => {
  for (const line of ['ADMIN_TOKEN=s3cret-s3cret-s3cret-s3cret#s3cret', ' export ROOMS = a#b # c']) {
    assert.throws(
      () => load(folder(t, `${line}\n`)),
      /^ConfigError: "(?:ADMIN_TOKEN|ROOMS)" in \.env: a # is in its value; put that in quotes\.$/,
    );
  }
  const content = 'ROOMS="tea" #b\nHOST=::1 # a#b\nPORT=#4\nJWT_ISSUER=\'a#b\'\n# TLS_KEY=a#b\n';
  const { config } = load(folder(t, content));
  assert.deepEqual([config.rooms, config.host, config.port, config.jwtIssuer], [['tea'], '::1', 3000, 'a#b']);
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
