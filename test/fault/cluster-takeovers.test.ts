/** One user who logs in everywhere at once: one of his sessions is left, and the room sees no flicker [SES-10]. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { has } from '../support/needs.ts';
import { SseReader } from '../support/sse-reader.ts';
import { adasClaims, hmac, secret } from '../support/tokens.ts';
import { Cluster } from './support/cluster.ts';
import { readLog } from './support/final-log.ts';
import { isLong, report } from './support/report.ts';

const logins = isLong ? 1_000 : 150;
const timeout = isLong ? 600_000 : 120_000;
const turns = 9;

interface Login {
  readonly status: number;
  readonly sessionId: string;
  readonly token: string;
  /** Why its session has ended already. */
  readonly reason: string | undefined;
}

async function login(base: string): Promise<Login> {
  const jwt = hmac({ alg: 'HS256' }, adasClaims(Date.now()));
  const response = await fetch(`${base}/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${jwt}` },
    body: JSON.stringify({ credential: 'bearer' }),
  });
  const { sessionId = '', token = '', reason } = (await response.json()) as Partial<Login>;
  return { status: response.status, sessionId, token, reason };
}

async function sessionOf(base: string, token: string): Promise<{ status: number; reason?: string }> {
  const response = await fetch(`${base}/session`, { headers: { authorization: `Bearer ${token}` } });
  return { status: response.status, ...((await response.json()) as { reason?: string }) };
}

test(`[SES-10] ${logins} takeovers of one user at once, over three instances, leave one owner`, {
  timeout,
}, async (t) => {
  if (!has(t, 'redis-server')) return;
  const env = { AUTH: 'jwt', JWT_SECRET: secret, FEED: 'public', ROOMS: 'lobby,turns' };
  const cluster = await Cluster.start(t, { env, isDirect: true });
  const bases = cluster.bases();
  const at = (index: number, among = bases): string => among[index % among.length] ?? '';
  await login(bases[0]);

  let isOver = false;
  let looks = 0;
  const looking = (async () => {
    for (; !isOver; looks++) {
      const [names, users] = await Promise.all(
        ['names', 'users'].map((key) => cluster.redis.command('HLEN', `parlor:{lobby}:${key}`)),
      );
      assert.deepEqual([names, users], [1, 1]);
    }
  })();
  const answers = await Promise.all(Array.from({ length: logins }, (_, index) => login(at(index))));
  isOver = true;
  await looking;
  // Who is taken over before he is answered is told so.
  const others = answers.filter(
    ({ status, reason }) => status !== 201 && !(status === 410 && reason === 'taken-over'),
  );
  assert.deepEqual(others, []);
  const opened = answers.filter(({ status }) => status === 201);
  const states = await Promise.all(opened.map(({ token }, index) => sessionOf(at(index + 1), token)));
  assert.equal(states.filter(({ status }) => status === 200).length, 1, 'one owner');
  assert.ok(states.every(({ status, reason }) => status === 200 || reason === 'taken-over'));
  const told = await readLog(bases[0]);
  assert.deepEqual(
    told.map(({ type, name }) => [type, name]),
    [['join', 'Ada']],
    'the roster flickers',
  );

  // One after the other: the stream is held by another instance than the one that hears of the next login.
  let stream: SseReader | undefined;
  const rooms = cluster.bases('turns');
  for (let turn = 0; turn < turns; turn++) {
    const { token } = await login(at(turn, rooms));
    if (stream) {
      for (let event = await stream.next(); event?.type !== 'bye'; event = await stream.next()) {
        assert.ok(event, 'the stream ended without a bye');
      }
      assert.match(stream.raw, /event: bye\ndata: {"reason":"taken-over"/);
    }
    stream = await SseReader.open(`${at(turn + 1, rooms)}/session/events`, {
      headers: { authorization: `Bearer ${token}` },
    });
    await stream.expect('init');
  }
  stream?.close();
  report(t, {
    fault: 'takeovers of one user at once',
    tried: `${logins} on 3 instances, ${turns} more one after the other`,
    found: `${opened.length} were answered before the next took over, 1 owner at the end and each of ${looks} times in between, 1 join, 0 leaves; each stream was told on whichever instance`,
  });
});
