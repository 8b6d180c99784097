import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { ApiClient } from '../support/api-client.ts';
import { page } from '../support/readme.ts';
import { startServer } from '../support/test-server.ts';
import { waitUntil } from '../support/wait-until.ts';
import { exampleOf, installedClient } from './support/installed-client.ts';

describe('docs/client.md', () => {
  it('has a bot that answers, and leaves when it is told to end', async (t) => {
    // It is asked every few milliseconds, however long the bot takes to come.
    const server = await startServer({ UPDATES_LIMIT: 'off', READ_LIMIT: 'off' });
    t.after(() => server.close());
    const { folder } = await installedClient(t);
    writeFileSync(join(folder, 'bot.js'), exampleOf(page('docs/client.md'), 'bot'));
    const bot = spawn(process.execPath, ['bot.js'], {
      cwd: folder,
      env: { CHAT_URL: server.url },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => bot.kill('SIGKILL'));
    let output = '';
    bot.stdout.on('data', (text) => {
      output += text;
    });
    const closed = once(bot, 'close');

    const ada = await ApiClient.join(server.url, 'Ada');
    const lines = async () => {
      const { body } = await ada.updates({ after: ada.cursor });
      return body.events.map(({ type, name, message }) => [type, name, message].filter(Boolean).join(' '));
    };
    await waitUntil(async () => (await ada.users()).body.users.includes('Bot'), 'the bot is there');
    await ada.send('hello everybody');
    await waitUntil(async () => (await lines()).includes('message Bot Hello Ada!'), 'the bot answers');
    bot.kill('SIGTERM');
    assert.deepEqual(await closed, [0, null]);
    assert.equal((await lines()).at(-1), 'leave Bot');
    assert.equal(output, 'The bot has left: destroyed\n');
  });
});
