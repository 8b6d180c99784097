import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import Fastify from 'fastify';
import { exampleOf } from './client/support/installed-client.ts';
import { ApiClient } from './support/api-client.ts';
import { installedPackage } from './support/installed-package.ts';
import { assertProblem } from './support/problem.ts';
import { page } from './support/readme.ts';
import { ServerProcess } from './support/server-process.ts';
import { waitUntil } from './support/wait-until.ts';

describe('docs/plugin.md', () => {
  it('has an application that starts, and says something', async (t) => {
    const { folder } = await installedPackage(t);
    writeFileSync(join(folder, 'app.js'), exampleOf(page('docs/plugin.md'), 'start'));
    const app = ServerProcess.spawn({ cwd: folder, command: [process.execPath, 'app.js'] });
    t.after(() => app.stop());
    const url = await app.printed(/listening at (http:\/\/127\.0\.0\.1:\d+)/);
    const ada = await ApiClient.join(`${url}/chat`, 'Ada');
    const said = async () => (await ada.updates({ after: '0' })).body.events.map(({ message }) => message);
    await waitUntil(async () => (await said()).includes('Good morning!'), 'the application says something');
  });

  it('has hooks that work', async (t) => {
    const { folder } = await installedPackage(t);
    const module = join(folder, 'chat.js');
    writeFileSync(module, exampleOf(page('docs/plugin.md'), 'hooks'));
    const { chat } = await import(pathToFileURL(module).href);
    const app = Fastify();
    t.after(() => app.close());
    await chat(app);
    const url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/chat`;
    assertProblem(await new ApiClient(url).create({ name: 'Bot' }), 422, 'invalid-name');
    const mallory = await ApiClient.join(url, 'Mallory');
    assertProblem(await mallory.send('hello'), 403, 'permission-denied');
    const ada = await ApiClient.join(url, 'Ada');
    assertProblem(await ada.send('1234567812345678'), 422, 'invalid-message');
    assert.equal((await ada.send('hello')).status, 201);
  });
});
