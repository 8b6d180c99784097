import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { notLetIn, notReached, shownOut } from '../../../src/cli/chat/exit-codes.ts';
import { wishes } from '../../../src/cli/chat/wish.ts';
import { chatHelp, tailHelp } from '../../../src/cli/chat-help.ts';
import { commands } from '../../../src/cli/commands.ts';
import { ApiClient } from '../../support/api-client.ts';
import { pathWithParlor } from '../../support/parlor-command.ts';
import { commandsOf, page } from '../../support/readme.ts';
import { temporaryFolder } from '../../support/sqlite.ts';
import { startServer, type TestServer } from '../../support/test-server.ts';
import { waitUntil } from '../../support/wait-until.ts';

const docs = page('docs/terminal.md');

describe('docs/terminal.md', () => {
  it('has every exit code, as the help does', () => {
    for (const code of [0, 1, 2, notReached, notLetIn, shownOut, 130]) {
      assert.match(docs, new RegExp(`^\\| ${code} (?:and others )?\\| `, 'm'));
      assert.match(chatHelp(), new RegExp(`^ {2}${code} +\\w`, 'm'));
    }
    for (const code of [notReached, notLetIn]) assert.match(tailHelp(), new RegExp(`^ {2}${code} +\\w`, 'm'));
  });

  it('has every option and every command', () => {
    for (const name of ['chat', 'tail']) {
      for (const option of Object.keys(commands[name]?.options ?? {}))
        assert(docs.includes(`--${option}`), option);
    }
    for (const [command] of wishes) assert(docs.includes(`| \`${command}\` |`), command);
  });
});

describe('the commands of docs/terminal.md and the README', () => {
  let server: TestServer;

  before(async () => {
    server = await startServer();
  });

  after(() => server.close());

  /** A command as it is shown, but for the server's port. */
  const shown = (group: string, path?: string): string => {
    const command = commandsOf(group, path).trim();
    assert.match(command, /\b127\.0\.0\.1:3000\b/);
    return command
      .replace('127.0.0.1:3000', `127.0.0.1:${server.port}`)
      .replace('node dist/cli/parlor.js', 'parlor');
  };
  const environment = (t: TestContext) => {
    const cwd = temporaryFolder(t);
    return { cwd, env: { PATH: pathWithParlor(cwd) } };
  };
  /** Runs one whose input is at its end. */
  const run = (t: TestContext, command: string) =>
    promisify(execFile)('sh', ['-c', `(${command}) < /dev/null`], environment(t));
  const said = async (): Promise<string[]> => {
    const { body } = await new ApiClient(server.url).history();
    return body.events.map(({ type, name, message }) => `${name}: ${message ?? type}`);
  };

  it('make one a member, who leaves at the end of the input', async (t) => {
    await run(t, shown('chat', 'docs/terminal.md'));
    assert.deepEqual((await said()).slice(-2), ['Ada: join', 'Ada: leave']);
    await run(t, shown('terminal'));
    assert.deepEqual(await said(), ['Ada: join', 'Ada: leave', 'Ada: join', 'Ada: leave']);
  });

  it('post what comes by a pipe', async (t) => {
    await run(t, shown('pipe', 'docs/terminal.md'));
    assert.deepEqual((await said()).slice(-3), ['Bot: join', 'Bot: The backup is done.', 'Bot: leave']);
  });

  it('follow the room, with what was said before, until Ctrl+C', async (t) => {
    const ada = await ApiClient.join(server.url, 'Ada');
    await ada.send('said before');
    const command = ['-c', `exec ${shown('tail', 'docs/terminal.md')}`];
    const tail = spawn('sh', command, { ...environment(t), stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(() => tail.kill('SIGKILL'));
    const closed = once(tail, 'close');
    let output = '';
    tail.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    await waitUntil(() => output.includes('said before'), 'what was said is shown');
    await ada.send('said live');
    await waitUntil(() => output.includes('said live'), 'what is said is shown');
    tail.kill('SIGINT');
    assert.deepEqual(await closed, [null, 'SIGINT']);
  });
});
