import assert from 'node:assert/strict';
import http from 'node:http';
import { connect } from 'node:net';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { adminToken } from '../support/admin.ts';
import { Figures } from '../support/metrics.ts';
import { ServerProcess } from '../support/server-process.ts';
import { SseReader } from '../support/sse-reader.ts';
import { waitUntil } from '../support/wait-until.ts';
import { builtServer } from './support/built-server.ts';
import { cpuShareDuring } from './support/cpu-time.ts';
import { call } from './support/http-call.ts';
import { openDescriptors } from './support/process-usage.ts';
import { isLong, report } from './support/report.ts';

const limit = 256;
const mostConnections = limit - 128;
const measureMs = isLong ? 20_000 : 2_000;
// A loop that tries again and again to accept takes a whole core.
const greatestShare = 0.5;
const sayEveryMs = 100;
const knockEveryMs = 10;

const options = {
  ADMIN_TOKEN: adminToken,
  SEND_LIMIT: 'off',
  READ_LIMIT: 'off',
  UPDATES_LIMIT: 'off',
  MAX_STREAMS_PER_IP: 'off',
};

test('[P-3] without descriptors to spare, new connections are dropped at no cost, and streams go on', async (t) => {
  const { server, pid } = await startLimited(t);
  const talk = await Talk.begin(t, server.url);
  const readers = await fill(t, server.url);
  assert.equal(readers.length, mostConnections - 1, 'all but the one that talks');
  const descriptors = openDescriptors(pid);
  assert.ok(descriptors < limit - 64, `${descriptors} descriptors are open`);

  const quiet = await cpuShareDuring(pid, measureMs);
  const knocking = knock(server.url);
  const knocked = await cpuShareDuring(pid, measureMs);
  const { drops, answers } = await knocking.stop();
  assert.ok(drops > 0 && answers === 0, `${drops} dropped, ${answers} answered`);

  for (const reader of readers.splice(0, 20)) reader.close();
  await waitUntil(() => isAnswered(server.url), 'connections are accepted again');

  // Now others take what was kept back, too.
  const operator = await Operator.come(t, server.url);
  process.kill(pid, 'SIGWINCH');
  await server.printed(/(descriptors taken: EMFILE)/);
  const stats = await operator.ask('/v1/admin/stats');
  assert.deepEqual([stats.status, Object(stats.body).memory?.rss], [200, 0], 'memory is not known now');
  const { status, body } = await operator.ask('/metrics');
  const figures = new Figures(String(body));
  assert.equal(status, 200);
  assert.equal(figures.samples.has('process_resident_memory_bytes'), false, 'what is not known is not told');
  // Linux tells them without a descriptor since 6.2.
  assert.equal(figures.samples.get('process_open_fds') ?? limit, limit);
  assert.ok(figures.of('nodejs_heap_used_bytes') > 1e6);
  const starved = knock(server.url);
  const starvedShare = await cpuShareDuring(pid, measureMs);
  const starvedKnocks = await starved.stop();
  assert.ok(starvedKnocks.drops > 0 && starvedKnocks.answers === 0);
  process.kill(pid, 'SIGWINCH');
  await server.printed(/(descriptors freed)/);
  await waitUntil(() => isAnswered(server.url), 'connections are accepted again');

  const said = await talk.end();
  for (const reader of readers) await readAll(reader, said);
  for (const [what, share] of Object.entries({ quiet, knocked, starvedShare })) {
    assert.ok(share < greatestShare, `${what}: ${percent(share)} of a core`);
  }
  const warnings = server.stdout.match(/Connections dropped: \d+/g) ?? [];
  assert.ok(warnings.length > 0 && warnings.length <= 2 + (5 * measureMs) / 5_000, warnings.join());

  server.child.kill('SIGTERM');
  assert.equal(await server.exited, 0);
  report(t, {
    fault: 'descriptors run out',
    tried: `ulimit -n ${limit}: ${mostConnections} connections, ${drops} more knocked; then all ${limit} taken, ${starvedKnocks.drops} knocked`,
    found: `all dropped; ${readers.length} streams got every message of ${said}; CPU ${percent(quiet)} full, ${percent(knocked)} knocked at, ${percent(starvedShare)} with none left; ${warnings.length} warnings`,
  });
});

test('[P-3] idle connections keep nobody out, and what is in use goes on', async (t) => {
  const { server } = await startLimited(t);
  const talk = await Talk.begin(t, server.url);
  const reader = await SseReader.open(`${server.url}/v1/rooms/lobby/feed`);
  t.after(() => reader.close());
  await reader.expect('init');
  const waves = isLong ? 10 : 2;
  const waits: number[] = [];
  for (let wave = 0; wave < waves; wave++) {
    // As many as there is room for; each connection stays open, and nothing more is asked over it.
    const agents = Array.from({ length: mostConnections }, () => new http.Agent({ keepAlive: true }));
    t.after(() => agents.map((agent) => agent.destroy()));
    for (const agent of agents) await isAnswered(server.url, agent);
    const since = performance.now();
    await waitUntil(() => isAnswered(server.url), 'somebody else is answered');
    waits.push(performance.now() - since);
  }
  await readAll(reader, await talk.end());
  report(t, {
    fault: 'idle connections take all places',
    tried: `ulimit -n ${limit}: ${waves} times ${mostConnections} connections kept open after one request`,
    found: `who came then was answered after ${Math.round(Math.max(...waits))} ms at most; a stream and a connection in use went on`,
  });
});

test('with hardly any descriptors a server warns in one line and takes a few connections', async (t) => {
  const { server } = await startLimited(t, 160);
  assert.match(server.stdout, /At most 160 files may be open.*only 40 connections are taken/);
  assert.equal((await fetch(`${server.url}/v1/rooms`)).status, 200);
});

async function startLimited(t: TestContext, descriptors = limit) {
  const [node = '', ...args] = await builtServer();
  const eater = fileURLToPath(new URL('support/descriptor-eater.mjs', import.meta.url));
  const command = ['sh', '-c', `ulimit -n ${descriptors}; exec "$@"`, 'sh', node, '--import', eater, ...args];
  const server = await ServerProcess.start({ command, env: options });
  t.after(() => server.stop());
  const { pid } = server.child;
  assert.ok(pid !== undefined);
  return { server, pid };
}

/** Opens feeds until one is dropped. */
async function fill(t: TestContext, url: string): Promise<SseReader[]> {
  const readers: SseReader[] = [];
  t.after(() => {
    for (const reader of readers) reader.close();
  });
  while (readers.length < limit) {
    const reader = await SseReader.open(`${url}/v1/rooms/lobby/feed`).catch(() => undefined);
    if (!reader) break;
    await reader.expect('init');
    readers.push(reader);
  }
  return readers;
}

/** Asks for figures, over one connection that is there already. */
class Operator {
  readonly #url: string;
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

  private constructor(t: TestContext, url: string) {
    this.#url = url;
    t.after(() => this.#agent.destroy());
  }

  static async come(t: TestContext, url: string): Promise<Operator> {
    const operator = new Operator(t, url);
    assert.equal((await operator.ask('/livez')).status, 200);
    return operator;
  }

  ask(path: string): ReturnType<typeof call> {
    const headers = { authorization: `Bearer ${adminToken}` };
    const { signal } = new AbortController();
    return call({ method: 'GET', url: this.#url + path, headers, agent: this.#agent, signal });
  }
}

/** Says one number after the other, over one connection. */
class Talk {
  readonly #stop = new AbortController();
  readonly #talking: Promise<number>;

  private constructor(post: (path: string, body: unknown) => ReturnType<typeof call>) {
    this.#talking = this.#talk(post);
    // It is told by `end`; before that, what else has failed is to be told.
    this.#talking.catch(() => {});
  }

  static async begin(t: TestContext, url: string): Promise<Talk> {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    t.after(() => agent.destroy());
    const headers: Record<string, string> = {};
    const signal = new AbortController().signal;
    const post = (path: string, body: unknown) =>
      call({ method: 'POST', url: `${url}/v1/rooms/lobby/session${path}`, headers, body, agent, signal });
    const created = await post('', { name: 'Ada', credential: 'bearer' });
    assert.ok(typeof created.body === 'object' && created.body !== null && 'token' in created.body);
    headers.authorization = `Bearer ${created.body.token}`;
    return new Talk(post);
  }

  /** How many were said. */
  end(): Promise<number> {
    this.#stop.abort();
    return this.#talking;
  }

  async #talk(post: (path: string, body: unknown) => ReturnType<typeof call>): Promise<number> {
    for (let count = 0; ; count++) {
      if (this.#stop.signal.aborted) return count;
      const { status, body } = await post('/messages', { message: `${count}` });
      assert.equal(status, 201, JSON.stringify(body));
      await new Promise((resolve) => setTimeout(resolve, sayEveryMs));
    }
  }
}

/** Connects again and again, as clients do that are turned away. */
function knock(url: string): { stop(): Promise<{ drops: number; answers: number }> } {
  const { hostname: host, port } = new URL(url);
  const knocks: Promise<boolean>[] = [];
  const timer = setInterval(() => {
    knocks.push(
      new Promise((resolve) => {
        let isAnswer = false;
        const socket = connect({ host, port: Number(port) });
        socket.on('error', () => {});
        socket.on('data', () => {
          isAnswer = true;
        });
        socket.on('close', () => resolve(isAnswer));
        socket.end(`GET /livez HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      }),
    );
  }, knockEveryMs);
  return {
    async stop() {
      clearInterval(timer);
      const all = await Promise.all(knocks);
      const answers = all.filter((isAnswer) => isAnswer).length;
      return { drops: all.length - answers, answers };
    },
  };
}

async function isAnswered(url: string, agent = new http.Agent()): Promise<boolean> {
  const { signal } = new AbortController();
  return call({ method: 'GET', url: `${url}/livez`, agent, signal }).then(
    ({ status }) => status === 200,
    () => false,
  );
}

/** Reads a stream to the last of `said` numbers: each must be the one after that before. */
async function readAll(reader: SseReader, said: number): Promise<void> {
  let previous: number | undefined;
  while (previous !== said - 1) {
    const number = Number(JSON.parse((await reader.expect('message')).data).message);
    // What was said before the stream began is not on it.
    assert.equal(number, previous === undefined ? number : previous + 1);
    previous = number;
  }
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
