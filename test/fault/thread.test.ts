import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ApiClient } from '../support/api-client.ts';
import { waitUntil } from '../support/wait-until.ts';
import { readLog } from './support/final-log.ts';
import { LastingServer } from './support/lasting-server.ts';
import { report } from './support/report.ts';

const breaker = fileURLToPath(new URL('./support/thread-breaker.mjs', import.meta.url));
/** Every thread may take so much, so that memory runs out soon. */
const heapMebibytes = 96;

for (const how of ['throw', 'memory']) {
  test(`[P-1] a server whose store’s thread breaks (${how}) ends with a line in the log, and nobody is left waiting`, {
    timeout: 120_000,
  }, async (t) => {
    const options = `--max-old-space-size=${heapMebibytes} --import=${breaker}`;
    const server = await LastingServer.open(t, { NODE_OPTIONS: options, PARLOR_BREAK_THREAD: 'break' });
    await server.start();
    const ada = await ApiClient.join(server.url, 'Ada');
    const stream = await ada.subscribe(`?after=${ada.cursor}`);
    t.after(() => stream.close());
    const acknowledged: number[] = [];
    const refusals = new Set<number>();
    let isOver = false;
    const speak = async () => {
      while (!isOver) {
        // Once the process has ended there is no answer any more.
        const answer = await ada.send('hello').catch(() => undefined);
        if (answer?.status === 201) acknowledged.push(answer.body.id);
        else if (answer) refusals.add(answer.status);
        else isOver = true;
      }
    };
    const speakers = Promise.all([speak(), speak(), speak()]);
    await waitUntil(() => acknowledged.length > 10, 'messages were said');

    // In one step, so that it is not read half written.
    const file = join(server.folder, 'break');
    writeFileSync(`${file}.new`, how);
    renameSync(`${file}.new`, file);
    const exitCode = await server.ended();
    await speakers;
    assert.deepEqual(
      [...refusals].filter((status) => status !== 503),
      [],
    );
    const events = await stream.rest().catch(() => []);
    // Of a heap that is full, V8 sometimes makes an end itself.
    if (exitCode === null && how === 'memory') assert.match(server.output, /FATAL ERROR: .*heap/);
    else {
      assert.equal(exitCode, 1, server.output);
      const fatal = server.output.split('\n').filter((line) => line.includes('"level":60'));
      assert.equal(fatal.length, 1, server.output);
      assert.match(fatal[0] ?? '', /The store has ended by itself; start the server again/);
      assert.match(fatal[0] ?? '', how === 'throw' ? /broken for a test/ : /ERR_WORKER_OUT_OF_MEMORY/);
      const bye = events.at(-1);
      assert.equal(bye?.type, 'bye');
      assert.equal(JSON.parse(bye.data).reason, 'shutdown');
    }

    renameSync(file, `${file}.done`);
    await server.start();
    const said = new Set((await readLog(server.base())).map(({ id }) => id));
    for (const id of acknowledged) assert.ok(said.has(id), `${id} is lost`);
    report(t, {
      fault: `the thread of the store breaks: ${how}`,
      tried: 'three senders and a stream meanwhile',
      found: `${exitCode === 1 ? 'exit code 1 with one fatal line, streams said goodbye' : 'ended by V8, which says so'}; ${acknowledged.length} acknowledged messages, 0 lost`,
    });
  });
}
