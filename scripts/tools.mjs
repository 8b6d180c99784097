/**
 * Sees to the programs that tests need beside Node and npm: `npm test` runs this first. On Debian it installs what is
 * missing, if it may; elsewhere it says which tests are skipped for it. In CI, where nothing is skipped, that is an error.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * A program in the PATH or a file, the Debian package that brings it, and the tests that are skipped without it. What
 * nobody wants from `npm test` on his own machine is seen to in CI only: services, which Debian starts at once, and the
 * languages of the examples, some hundred MB.
 */
const tools = [
  { program: 'bash', package: 'bash', tests: 'those that run the commands of the README' },
  { program: 'curl', package: 'curl', tests: 'those that do what the guide and the README say' },
  { program: 'git', package: 'git', tests: 'those of releases' },
  { program: 'tmux', package: 'tmux', tests: 'those of the terminal client' },
  { program: 'openssl', package: 'openssl', tests: 'those of streams over TLS' },
  { program: 'sslscan', package: 'sslscan', tests: 'those of weak protocols and ciphers' },
  // The kernel of Linux is asked for the rest.
  ...(process.platform === 'linux'
    ? [
        { program: 'cc', package: 'gcc', tests: 'those of slow and broken disks and of clock steps' },
        { file: '/usr/include/stdio.h', package: 'libc6-dev', tests: 'the same' },
        { program: 'ip', package: 'iproute2', tests: 'those of connections that die without a word' },
        { program: 'unshare', package: 'util-linux', tests: 'the same, and those of full disks' },
        { program: 'nsenter', package: 'util-linux', tests: 'the same' },
        { program: 'mount', package: 'mount', tests: 'those of full disks' },
        { program: 'w3m', package: 'w3m', tests: 'those of text browsers' },
        { program: 'lynx', package: 'lynx', tests: 'the same' },
        { program: 'script', package: 'bsdutils', tests: 'the same' },
        { program: 'taskset', package: 'util-linux', tests: 'those of cores in the benchmark' },
        {
          program: 'nginx',
          package: 'nginx-light',
          tests: 'those of nchan in the benchmark, and of a proxy in front',
          isForCi: true,
        },
        {
          file: '/usr/lib/nginx/modules/ngx_nchan_module.so',
          package: 'libnginx-mod-nchan',
          tests: 'the same',
          isForCi: true,
        },
        { program: 'caddy', package: 'caddy', tests: 'those of a proxy in front', isForCi: true },
        { program: 'haproxy', package: 'haproxy', tests: 'the same', isForCi: true },
        {
          program: 'docker-compose',
          package: 'docker-compose',
          tests: 'those of the file for Docker Compose',
          isForCi: true,
        },
        {
          program: 'systemd-analyze',
          package: 'systemd',
          tests: 'those of the unit of systemd',
          isForCi: true,
        },
        {
          program: 'redis-server',
          package: 'redis-server',
          tests: 'those of the Redis store',
          isForCi: true,
        },
        {
          program: 'promtool',
          package: 'prometheus',
          tests: 'those of the rules for Prometheus',
          isForCi: true,
        },
        {
          program: 'prometheus',
          package: 'prometheus',
          tests: 'those of the dashboard with a real Prometheus',
          isForCi: true,
        },
        ...[
          ['python3', 'python3', 'Python'],
          ['php', 'php-cli', 'PHP'],
          ['javac', 'default-jdk', 'Java'],
          ['Xvfb', 'xvfb', 'Java'],
          ['c++', 'g++', 'C++'],
          ['curl-config', 'libcurl4-openssl-dev', 'C++'],
        ].map(([program, name, language]) => ({
          program,
          package: name,
          tests: `those of the example in ${language}`,
          isForCi: true,
        })),
        {
          file: '/usr/include/nlohmann/json.hpp',
          package: 'nlohmann-json3-dev',
          tests: 'those of the example in C++',
          isForCi: true,
        },
      ]
    : []),
];
const installTimeoutMs = 10 * 60_000;

const missing = findMissing();
if (missing.length > 0) {
  install([...new Set(missing.map((tool) => tool.package))]);
  const left = findMissing();
  for (const tool of left) {
    const what = tool.program ?? tool.file;
    console.error(`${what} (of Debian's package ${tool.package}) is missing. Tests skipped: ${tool.tests}.`);
  }
  if (left.length > 0 && process.env.CI) {
    console.error('In CI nothing is skipped: install what is missing.');
    process.exitCode = 1;
  }
}

function findMissing() {
  const needed = tools.filter(({ isForCi = false }) => !isForCi || process.env.CI);
  return needed.filter(({ program, file }) => !(file ? existsSync(file) : find(program)));
}

/** Where a program is; also in the folders of the administrator, which are not in everybody's PATH. */
function find(program) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, program)).find(isExecutable);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Installs packages as far as that can be done without asking anybody. */
function install(packages) {
  if (!existsSync('/etc/debian_version') || !find('apt-get')) return;
  const asRoot = process.getuid() === 0 ? [] : ['sudo', '-n'];
  if (asRoot.length > 0 && (!find('sudo') || !run([...asRoot, 'true']))) return;
  console.error(`Installing ${packages.join(', ')} for the tests.`);
  const quietly = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qy'];
  run([...quietly, 'update']);
  run([...quietly, 'install', '--no-install-recommends', ...packages]);
}

/** Whether a command succeeded; what it says goes to stderr. */
function run([program, ...args]) {
  const { status } = spawnSync(program, args, { stdio: ['ignore', 2, 2], timeout: installTimeoutMs });
  return status === 0;
}
