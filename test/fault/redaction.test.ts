import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiClient, type WireEvent } from '../support/api-client.ts';
import { waitUntil } from '../support/wait-until.ts';
import { LastingServer } from './support/lasting-server.ts';
import { isLong, report } from './support/report.ts';
import { SeededRandom } from './support/seeded-random.ts';

const kills = isLong ? 30 : 4;
const timeout = isLong ? 600_000 : 180_000;
const adminToken = 'a-secret-of-enough-characters';

/** Of a message that was said: its text, and what is known of its redaction. */
interface Said {
  readonly text: string;
  redaction: 'none' | 'asked' | 'acknowledged';
}

test('[P-1] [LOG-4] killed at any moment, the server has redacted a text wholly or not at all, and what it said it has redacted stays so', {
  timeout,
}, async (t) => {
  const random = SeededRandom.for(t);
  const server = await LastingServer.open(t, {
    STORE_URL: 'sqlite:./parlor.db',
    ADMIN_TOKEN: adminToken,
    SESSION_TIMEOUT: '600',
  });
  await server.start();
  const ada = await ApiClient.join(server.url, 'Ada');
  const said = new Map<number, Said>();
  for (let kill = 0; kill < kills; kill++) {
    let isOver = false;
    const talking = talk(server.url, ada, said, random, () => isOver);
    const acknowledged = count(said, 'acknowledged');
    await waitUntil(() => count(said, 'acknowledged') >= acknowledged + 5, 'something is redacted');
    // Some are killed before the file is rewritten, some while it is, some after.
    await delay(random.between(0, 1_500));
    await server.kill();
    isOver = true;
    await talking;
    await server.start();
    check(await readAll(ada), said);
  }
  const gone = [...said].filter(([, { redaction }]) => redaction === 'acknowledged');
  const left = () =>
    gone.filter(([, { text }]) => spawnSync('grep', ['-rqaF', '--', text, server.folder]).status === 0);
  const startedAt = performance.now();
  await waitUntil(() => left().length === 0, 'the files have none of the texts', 60_000, 100);
  report(t, {
    fault: 'killed while texts are redacted',
    tried: `${kills} × kill -9, ${said.size} messages`,
    found: `${gone.length} acknowledged redactions all there; no text in the files ${Math.round(performance.now() - startedAt)} ms after the last start`,
  });
});

/** Says one thing after the other, and has two of three redacted. */
async function talk(
  url: string,
  ada: ApiClient,
  said: Map<number, Said>,
  random: SeededRandom,
  isOver: () => boolean,
): Promise<void> {
  const turns = 200;
  for (let turn = 0; turn < turns && !isOver(); turn++) {
    try {
      const text = `secret-${said.size}-${random.between(1, 1e9)}-${'x'.repeat(random.between(0, 2_000) % 900)}`;
      const { status, body } = await ada.send(text);
      if (status !== 201) continue;
      const one: Said = { text: text.slice(0, 30), redaction: 'none' };
      said.set(body.id, one);
      if (turn % 3 === 0) continue;
      one.redaction = 'asked';
      const answer = await fetch(`${url}/v1/admin/rooms/lobby/messages/${body.id}`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${adminToken}` },
      });
      await answer.text();
      if (answer.status === 200) one.redaction = 'acknowledged';
      await delay(random.between(0, 10));
    } catch {
      // It was killed; what was asked nobody has answered.
      return;
    }
  }
}

async function readAll(ada: ApiClient): Promise<WireEvent[]> {
  const events: WireEvent[] = [];
  for (let after = '0'; ; ) {
    const { status, body } = await ada.updates({ after, limit: 1_000 });
    assert.equal(status, 200);
    events.push(...body.events);
    after = body.cursor;
    if (!body.more) return events;
  }
}

function check(
  events: readonly (WireEvent & { target?: number; redacted?: true })[],
  said: Map<number, Said>,
): void {
  const targets = new Set(events.map(({ target }) => target).filter((target) => target !== undefined));
  assert.equal(targets.size, events.filter(({ type }) => type === 'redaction').length, 'each once');
  for (const [i, { id, type, message, redacted }] of events.entries()) {
    assert.equal(id, i + 1);
    if (type !== 'message') continue;
    const one = said.get(id);
    assert.equal(redacted ?? false, targets.has(id), `${id}`);
    if (redacted) assert.equal(message, '');
    if (one?.redaction === 'acknowledged') assert.equal(redacted, true, `${id} was redacted`);
    else if (one?.redaction === 'none') assert.equal(message?.slice(0, 30), one.text);
  }
}

function count(said: Map<number, Said>, redaction: Said['redaction']): number {
  return [...said.values()].filter((one) => one.redaction === redaction).length;
}
