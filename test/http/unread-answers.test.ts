import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { ApiClient } from '../support/api-client.ts';
import { connect, readAll, readUntil } from '../support/raw-http.ts';
import { ServerSockets } from '../support/server-sockets.ts';
import { startServer } from '../support/test-server.ts';
import { waitUntil } from '../support/wait-until.ts';

const history = 'GET /v1/rooms/lobby/history?limit=1000 HTTP/1.1\r\nHost: x\r\n\r\n';
const live = 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n';

function waitingPoll({ token }: ApiClient): string {
  return `GET /v1/rooms/lobby/session/updates?wait=25 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`;
}

test('[P-3] who does not read his answers is cut off, and a waiting poll is not', async (t) => {
  const server = await startServer({
    SLOW_CLIENT_SECONDS: '0.3',
    MAX_MESSAGE_BYTES: '64KiB',
    SEND_LIMIT: 'off',
    UPDATES_LIMIT: 'off',
  });
  t.after(() => server.close());
  const sockets = new ServerSockets(server);
  const ada = await ApiClient.join(server.url, 'Ada');
  for (let count = 0; count < 16; count++) await ada.send('x'.repeat(60_000));
  await ada.updates();
  const poll = await connect(server.port);
  t.after(() => poll.destroy());
  const answer = readUntil(poll, /news/);
  poll.write(waitingPoll(ada));
  const stalled = await connect(server.port);
  t.after(() => stalled.destroy());
  stalled.pause();
  const socket: Socket = sockets.of(stalled);
  // More than what the system takes for one connection.
  stalled.write(history.repeat(16));
  await waitUntil(() => socket.destroyed, 'the connection was cut off');
  assert.equal(await ada.ping().then(({ status }) => status), 204);
  await ada.send('news');
  assert.match(await answer, /^HTTP\/1\.1 200/);
});

test('[P-3] sixteen requests may wait on a connection for their turn; one more cuts it off', async (t) => {
  const server = await startServer();
  t.after(() => server.close());
  const ada = await ApiClient.join(server.url, 'Ada');
  await ada.updates();
  const patient = await connect(server.port);
  const answers = readAll(patient);
  patient.write(
    waitingPoll(ada) + live.repeat(15) + live.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'),
  );
  const greedy = await connect(server.port);
  const nothing = readAll(greedy);
  greedy.write(waitingPoll(ada) + live.repeat(17));
  assert.equal(await nothing, '');
  await ada.send('news');
  assert.equal((await answers).match(/HTTP\/1\.1 200/g)?.length, 17);
});
