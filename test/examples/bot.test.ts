import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { ApiClient } from '../support/api-client.ts';
import { installedPackage } from '../support/installed-package.ts';
import { ServerProcess } from '../support/server-process.ts';
import { waitUntil } from '../support/wait-until.ts';

describe('examples/bot', () => {
  it('welcomes who comes, rolls a die for who asks, and ends when it is told to', async (t) => {
    const { folder } = await installedPackage(t, 'bot');
    const bot = ServerProcess.spawn({ cwd: folder, command: [process.execPath, 'bot.js'] });
    t.after(() => bot.stop());
    const url = await bot.printed(/listening at (http:\/\/127\.0\.0\.1:\d+)/);
    const ada = await ApiClient.join(url, 'Ada');
    const said = async () => {
      const { body } = await ada.updates({ after: ada.cursor });
      return body.events.map(({ name, message }) => `${name}: ${message}`);
    };
    const hears = (words: RegExp) =>
      waitUntil(async () => (await said()).some((line) => words.test(line)), String(words));
    await hears(/^Dice: Welcome, Ada!/);
    await ada.send('Roll');
    await hears(/^Dice: Ada has a [1-6]\.$/);
    bot.child.kill('SIGTERM');
    assert.equal(await bot.exited, 0);
    assert.equal(bot.stderr, '');
  });

  it('has some twenty lines', () => {
    const lines = readFileSync(new URL('../../examples/bot/bot.js', import.meta.url), 'utf8')
      .trim()
      .split('\n');
    assert.ok(lines.filter((line) => line.trim() !== '').length <= 20);
  });
});
