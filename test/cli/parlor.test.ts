import assert from 'node:assert/strict';
import { cpSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { listOptions, optionThemes } from '../../src/config/options.ts';
import { whatItTakes } from '../../src/config/render-options.ts';
import { builtServer } from '../fault/support/built-server.ts';
import { cli, runCli } from '../support/cli.ts';
import { page } from '../support/readme.ts';
import { ServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/sqlite.ts';

const { version }: { version: string } = JSON.parse(page('package.json'));

describe('parlor', () => {
  it('prints the help that the docs show, if asked for it or for nothing', async () => {
    const [, shown = ''] = /<!-- help -->\n```\n([\s\S]*?)```/.exec(page('docs/command-line.md')) ?? [];
    for (const args of [['--help'], ['-h'], []]) {
      assert.deepEqual(await runCli(args), { code: 0, stdout: shown, stderr: '' });
    }
  });

  it('explains each command, on lines that fit a terminal', async () => {
    for (const [name, usage, option] of [
      ['backup', 'Usage: parlor backup FILE [OPTIONS]\n', '--store sqlite:PATH'],
      ['export', 'Usage: parlor export --room ROOM [OPTIONS]\n', '--store sqlite:PATH'],
      ['serve', 'Usage: parlor serve [OPTIONS]\n', '--check'],
      ['chat', 'Usage: parlor chat URL [OPTIONS]\n', '--pull'],
      ['tail', 'Usage: parlor tail URL [OPTIONS]\n', '--json'],
      ['doctor', 'Usage: parlor doctor URL [OPTIONS]\n', '--long SECONDS'],
    ] as const) {
      const { code, stdout, stderr } = await runCli([name, '--help']);
      assert.deepEqual([code, stderr], [0, '']);
      assert(stdout.startsWith(usage), stdout);
      assert(stdout.includes(`\n  ${option}  `), stdout);
      for (const line of stdout.split('\n')) assert(line.length <= 80, line);
    }
  });

  it('explains serve with every option of the server, by theme, on lines that fit a terminal', async () => {
    const { stdout } = await runCli(['serve', '--help']);
    for (const line of stdout.split('\n')) assert(line.length <= 80, line);
    const read = stdout.replaceAll(/\n {6}(?! )/g, ' ');
    for (const option of listOptions()) {
      const { variable, fallback, sentence } = option;
      assert(
        read.includes(`\n  ${variable}=${fallback} ${sentence} Takes ${whatItTakes(option)}.\n`),
        variable,
      );
    }
    const variables = listOptions().map(({ variable }) => variable);
    for (const [variable, theme] of optionThemes) {
      assert(variables.includes(variable), variable);
      assert(stdout.includes(`\n\n${theme}:\n\n  ${variable}=`), theme);
    }
  });

  it('prints its version', async () => {
    assert.deepEqual(await runCli(['--version']), { code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('tells in one line what it does not understand, and ends with 2', async () => {
    const stderr =
      'parlor: Expected serve, chat, tail, doctor, backup, export, users or admin; got "bakcup".\n';
    assert.deepEqual(await runCli(['bakcup']), { code: 2, stdout: '', stderr });
  });

  it('has help under that word too, of everything and of each command', async () => {
    for (const words of [[], ['users'], ['users', 'remove'], ['backup']]) {
      const help = await runCli(['help', ...words]);
      assert.deepEqual(help, await runCli([...words, '--help']));
      assert.equal(help.code, 0);
    }
    assert.equal((await runCli(['help', 'bakcup'])).code, 2);
  });

  it('serves as npm start does', async (t) => {
    const server = await ServerProcess.start({ command: [...cli, 'serve'] });
    t.after(() => server.stop());
    assert.equal((await fetch(`${server.url}/livez`)).status, 200);
    server.child.kill('SIGTERM');
    assert.equal(await server.exited, 0);
  });

  it('refuses to serve with a bad option in one line', async (t) => {
    const ran = await runCli(['serve'], { cwd: temporaryFolder(t), env: { PORT: 'x' } });
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /^parlor: PORT: expected [^\n]+\n$/);
  });

  it('is what npx runs in the folder of the project, without asking a registry', async (t) => {
    const folder = temporaryFolder(t);
    const project = join(folder, 'project');
    const dist = dirname((await builtServer()).at(-1) ?? '');
    cpSync(dist, join(project, 'dist'), { recursive: true });
    const { name, bin } = JSON.parse(page('package.json'));
    writeFileSync(join(project, 'package.json'), JSON.stringify({ name, version, bin, type: 'module' }));
    const ran = await runCli(['parlor', '--version'], {
      cwd: project,
      command: ['npx'],
      env: {
        npm_config_cache: join(folder, 'cache'),
        // Nobody listens there.
        npm_config_registry: 'http://127.0.0.1:9/',
        npm_config_fetch_retries: '0',
      },
    });
    assert.equal(ran.stdout, `${version}\n`, ran.stderr);
  });
});
