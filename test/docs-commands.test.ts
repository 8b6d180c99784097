/** Every command that the README and the docs show is run by a test, or it stands here why it is not. */

import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { loadConfig } from '../src/config/load-config.ts';
import { has } from './support/needs.ts';
import { outputUntil } from './support/output-until.ts';
import { commandsOf, page } from './support/readme.ts';
import { temporaryFolder } from './support/sqlite.ts';
import { startServer } from './support/test-server.ts';

const project = fileURLToPath(new URL('..', import.meta.url));
const packing =
  'it asks the registry for all of the package; test/package.test.ts packs and installs it without';

/** Blocks that no test runs as they stand, by page and first line, and why. */
const notRun: Readonly<Record<string, string>> = {
  'README.md: npm ci && npm start':
    'CI begins with npm ci in an empty folder, and test/server.test.ts has what npm start runs',
  'README.md: npm ci && npm test': 'it is what runs the tests',
  "docs/client.md: npm pack                            # in Parlor's folder": packing,
  'docs/deploy.md: docker build -f deploy/Dockerfile -t parlor .':
    'it takes an engine; test/deploy/image.test.ts carries out the steps of the Dockerfile without',
  'docs/deploy.md: docker compose -f deploy/compose.yaml up --build --detach':
    'it takes an engine; test/deploy/compose.test.ts runs what it would start without',
  'docs/deploy.md: install -m 644 deploy/parlor.service /etc/systemd/system/':
    'it takes a systemd that runs; test/deploy/unit.test.ts has it judge the unit',
  'docs/deploy.md: npm ci && npm pack': packing,
  'docs/first-change.md: npm run test:run -- test/core/messages.test.ts':
    'test/first-change.test.ts runs these tests where it makes the change',
  "docs/plugin.md: npm pack                                    # in Parlor's folder": packing,
};

interface Block {
  readonly page: string;
  /** The comment before it, such as `run: talk`. */
  readonly mark: string;
  readonly text: string;
}

const pages = ['README.md', ...readdirSync(join(project, 'docs')).map((name) => `docs/${name}`)].filter(
  (path) => path.endsWith('.md'),
);
const blocks: Block[] = pages.flatMap((path) =>
  [...page(path).matchAll(/^(?:<!-- (.+) -->\n)? *```(?:sh|bash|shell|console)\n([\s\S]*?)^ *```$/gm)].map(
    ([, mark = '', text = '']) => ({ page: path, mark, text: text.trimEnd() }),
  ),
);
/** Lines for `.env`, marked `env` or `env: name`. */
const isEnv = ({ mark }: Block): boolean => /^env\b/.test(mark);
/** Whether a whole run of the tests fails unless one has asked for it: `scripts/docs-commands.mjs` sees to that. */
const isRun = ({ mark }: Block): boolean => /^(?:run|start): \S/.test(mark);

describe('the commands of the README and the docs', () => {
  it('are marked to be run, or it is said why not', () => {
    assert.ok(blocks.length > 60, `${blocks.length} blocks were found`);
    const left = blocks
      .filter((block) => !isEnv(block) && !isRun(block))
      .map((block) => `${block.page}: ${block.text.split('\n')[0]}`);
    assert.deepEqual(
      left.sort(),
      Object.keys(notRun).sort(),
      'mark a block with <!-- run: group -->, and run commandsOf(group, page) in a test',
    );
  });

  it('are missed by a run of the tests that does not ask for all of them', (t) => {
    const asked = join(temporaryFolder(t), 'asked');
    const left = (lines: readonly string[]) => {
      writeFileSync(asked, lines.join('\n'));
      const args = [join(project, 'scripts/docs-commands.mjs'), asked];
      const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      return { status, stdout };
    };
    const all = blocks.filter(isRun).map(({ page: path, mark }) => `${path}: ${mark}`);
    assert.deepEqual(left(all), { status: 0, stdout: '' });
    const one = 'docs/operating.md: run: health';
    const stdout = `✖ No test has run the commands of ${one}.\n`;
    assert.deepEqual(left(all.filter((each) => each !== one)), { status: 1, stdout });
  });

  it('name no script of npm that is not there', () => {
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(page('package.json'));
    const named = [...pages, 'CONTRIBUTING.md'].flatMap((path) =>
      [...page(path).matchAll(/\bnpm run (?:-s )?([a-z][\w:-]*)/g)].map(
        ([, name = '']) => `${path}: ${name}`,
      ),
    );
    assert.ok(named.length > 5);
    assert.deepEqual(
      named.filter((name) => scripts[name.split(': ')[1] ?? ''] === undefined),
      [],
    );
  });

  it('have lines for .env that a server reads without a word', (t) => {
    const lines = blocks.filter(isEnv);
    assert.ok(lines.length > 2);
    for (const { page: path, text } of lines) {
      const directory = temporaryFolder(t);
      writeFileSync(join(directory, '.env'), text);
      const warn = (line: string) => assert.fail(`${path}: ${line}`);
      assert.doesNotThrow(() => loadConfig({ environment: {}, directory, warn }), path);
    }
  });
});

test('the command of docs/logs.md finds the line of a refused request', async (t) => {
  const server = await startServer();
  t.after(() => server.close());
  const answer = await fetch(`${server.url}/v1/rooms/nowhere`);
  const { requestId } = (await answer.json()) as { requestId: string };
  await fetch(`${server.url}/v1/rooms/nobody`);
  const cwd = temporaryFolder(t);
  writeFileSync(join(cwd, 'log'), server.lines.filter((line) => line.startsWith('{"level"')).join('\n'));
  const command = commandsOf('find', 'docs/logs.md').replace('mi9x2k-4f', requestId);
  // The journal of this machine has no Parlor in it.
  const script = `journalctl() { test "$*" = '-u parlor -o cat' && cat log; }\n${command}`;
  const { stdout } = await promisify(execFile)('sh', ['-c', script], { cwd });
  const line = JSON.parse(stdout);
  assert.deepEqual([line.requestId, line.code, line.status], [requestId, 'room-not-found', 404]);
});

test('the command of docs/plain-pages.md shows the room', async (t) => {
  if (!has(t, 'w3m')) return;
  const server = await startServer();
  t.after(() => server.close());
  const command = commandsOf('browse', 'docs/plain-pages.md').replace('http://127.0.0.1:3000', server.url);
  const env = { PATH: process.env.PATH, HOME: temporaryFolder(t) };
  const { stdout } = await promisify(execFile)('sh', ['-c', command], { env });
  assert.match(stdout, /^lobby\n[\s\S]+Your name \[/);
});

describe('the commands of docs/operating.md and docs/troubleshooting.md', () => {
  it('ask how the server is, and look at a stream', async (t) => {
    if (!has(t, 'curl')) return;
    const server = await startServer();
    t.after(() => server.close());
    const shown = (group: string, path: string): string => {
      const command = commandsOf(group, path).replaceAll('http://127.0.0.1:3000', server.url);
      assert.notEqual(command, '');
      return command;
    };
    const { stdout } = await promisify(execFile)('sh', ['-c', shown('health', 'docs/operating.md')]);
    assert.match(stdout, /"status":"ready"/);
    await outputUntil(t, shown('stream', 'docs/troubleshooting.md'), /^event: init$/m);
  });
});
