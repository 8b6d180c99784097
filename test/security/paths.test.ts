import assert from 'node:assert/strict';
import { cpSync, writeFileSync } from 'node:fs';
import { METHODS } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ApiClient } from '../support/api-client.ts';
import { connect, parseAnswer, type RawAnswer, readAll } from '../support/raw-http.ts';
import { temporaryFolder } from '../support/sqlite.ts';
import { ofAdministration, ofFiles, type Spelling } from './support/spellings.ts';
import { adminToken, rooms, type WatchedServer, watchedServer } from './support/watched-server.ts';

const publicDirectory = fileURLToPath(new URL('../../public', import.meta.url));
const canary = 'what lies beside the folders that are served';
/** In files that are there on any machine of these tests, and in the list of built files. */
const secrets = new RegExp(`${canary}|root:.*:0:0:|"devDependencies"|"page\\.js"|Adalwolf`);
const known = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'OPTIONS'];

/** Undefined if the connection was closed without a word. */
async function ask(
  { port }: WatchedServer,
  method: string,
  target: string,
  headers = '',
): Promise<RawAnswer | undefined> {
  const socket = await connect(port);
  const body =
    method === 'GET' || method === 'HEAD' ? '' : 'Content-Type: application/json\r\nContent-Length: 2\r\n';
  socket.write(
    Buffer.from(
      `${method} ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n${headers}${body}\r\n${body === '' ? '' : '{}'}`,
      'latin1',
    ),
  );
  const text = await readAll(socket);
  return text === '' ? undefined : parseAnswer(text);
}

/** Asks each spelling by each method, some at a time. */
async function askAll(
  server: WatchedServer,
  spellings: readonly Spelling[],
  look: (answer: RawAnswer | undefined, method: string, spelling: Spelling) => void,
): Promise<number> {
  const asked = spellings.flatMap((spelling) => METHODS.map((method) => ({ method, spelling })));
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let current = asked[next++]; current; current = asked[next++]) {
      const { method, spelling } = current;
      look(await ask(server, method, spelling[0]), method, spelling);
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  return asked.length;
}

function assertHarmless(answer: RawAnswer | undefined, method: string, [target, status]: Spelling): void {
  const what = `${method} ${JSON.stringify(target)}: ${answer?.status} ${answer?.text}`;
  // Tunnels are none of ours: such a request is cut off, if it is one at all.
  if (method === 'CONNECT') {
    assert.ok(answer === undefined || answer.status === 400, what);
    return;
  }
  assert.ok(answer, what);
  assert.doesNotMatch(answer.text, secrets, what);
  if (method === 'GET' || method === 'HEAD') assert.equal(answer.status, status, what);
  else if (method === 'OPTIONS' && answer.status === 204) assert.ok(answer.headers.get('allow'), what);
  else assert.ok(answer.status >= 400 && answer.status < 500, what);
  // Where an address takes no such method, nobody looks at what it means.
  if (!known.includes(method)) assert.ok([400, 404].includes(answer.status), what);
}

test('however the address of the administration is written, it is either that address, which asks for the token, or none', async (t) => {
  const server = await watchedServer();
  t.after(() => server.close());
  for (const room of rooms) await ApiClient.join(server.url, 'Adalwolf', { room });
  const before = await server.state();
  assert.ok(ofAdministration.length >= 60);
  const asked = await askAll(server, ofAdministration, assertHarmless);
  assert.equal(asked, ofAdministration.length * METHODS.length);
  let same = 0;
  for (const [target, status] of ofAdministration) {
    const answer = await ask(server, 'GET', target, `Authorization: Bearer ${adminToken}\r\n`);
    // A fragment belongs into no request: it is read as a query that this address does not know.
    const letIn = target.includes('#') ? 400 : 200;
    assert.equal(answer?.status, status === 401 ? letIn : status, `an operator at ${JSON.stringify(target)}`);
    if (status === 401) same++;
  }
  assert.equal(same, 10);
  assert.deepEqual(await server.state(), before);
  t.diagnostic(
    `${ofAdministration.length} spellings × ${METHODS.length} methods: ${asked} requests, 0 let in, 0 with an effect; ${same} are the address itself, where the token is asked for`,
  );
});

test('however a file is asked for, nothing outside the folders that are served is reached', async (t) => {
  const folder = temporaryFolder(t);
  const root = join(folder, 'public');
  cpSync(publicDirectory, root, { recursive: true });
  for (const place of [
    'secret.txt',
    '.env',
    'public/secret.txt',
    'public/.env',
    'public/assets/.env',
    'package.json',
  ]) {
    writeFileSync(join(folder, place), `${canary}\n`);
  }
  const server = await watchedServer({}, { publicDirectory: root });
  t.after(() => server.close());
  assert.ok(ofFiles.length >= 60);
  const asked = await askAll(server, ofFiles, assertHarmless);
  assert.equal(asked, ofFiles.length * METHODS.length);
  const icon = await ask(server, 'GET', '/static/icon.svg');
  assert.equal(icon?.status, 200, 'what is served is');
  t.diagnostic(`${ofFiles.length} spellings × ${METHODS.length} methods: ${asked} requests, 0 files reached`);
});
