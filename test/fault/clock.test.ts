import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiClient, type WireEvent } from '../support/api-client.ts';
import { ServerProcess } from '../support/server-process.ts';
import { waitUntil } from '../support/wait-until.ts';
import { FaultShim } from './support/fault-shim.ts';
import { LiveMember, pollWait, waysOfLife } from './support/live-members.ts';
import { isLong, report } from './support/report.ts';

const hour = 3600;
// Each is a step of an hour from the one before.
const wallSteps = Array.from({ length: isLong ? 5 : 1 }, () => [hour, 0, -hour, 0]).flat();
const timeoutMs = 1_500;
const reaperMs = 250;
const sendLimit = { count: 4, seconds: 4 };
// A busy machine is late by seconds; a server that goes by the wall clock is late by an hour.
const slackMs = 10_000;

const options = {
  ROOMS: 'lobby,quiet',
  SESSION_TIMEOUT: String(timeoutMs / 1000),
  REAPER_INTERVAL: String(reaperMs / 1000),
  HEARTBEAT: '0.3',
  SEND_LIMIT: `${sendLimit.count}/${sendLimit.seconds}`,
  FLOOD_STRIKES: 'off',
  UPDATES_LIMIT: 'off',
};

test('[SES-7, LOG-1] steps of the wall clock reap nobody too early or too late, and no timestamp goes back', async (t) => {
  // Its disk is left alone.
  const shim = await FaultShim.make(t, tmpdir());
  if (!shim) return;
  const { url } = await startServer(t, shim);
  const members = await Promise.all(
    waysOfLife.flatMap((way) =>
      ['lobby', 'quiet'].map((room) => LiveMember.join(url, `${way}-${room}`, way, { room, everyMs: 300 })),
    ),
  );
  t.after(() => Promise.all(members.map((member) => member.stop())));
  const watcher = members.find(({ way, client }) => way === 'streaming' && client.room === 'lobby');
  assert.ok(watcher);

  const found: StepFound[] = [];
  for (const [round, seconds] of wallSteps.entries()) {
    found.push(await stepTo(seconds, `${round}`, { url, shim, watcher, members }));
  }

  assert.deepEqual(
    members.flatMap(({ complaints }) => complaints),
    [],
  );
  const leaves = watcher.events.filter(({ type }) => type === 'leave').map(({ name }) => name);
  assert.deepEqual(
    leaves.filter((name) => !name.startsWith('gone-') && !name.startsWith('limited-')),
    [],
    'who is there was reaped',
  );
  const jumps = checkTimestamps(watcher.events);
  assert.ok(jumps > 0, 'the clock was stepped and no timestamp shows it');
  const { body } = await watcher.client.history('?limit=1000');
  assert.equal(checkTimestamps(body.events), jumps);
  for (const { emptyWaitsMs } of members) {
    for (const ms of emptyWaitsMs) {
      assert.ok(ms >= pollWait * 1000 - 20 && ms < pollWait * 1000 + slackMs, `a poll waited ${ms} ms`);
    }
  }
  const latest = Math.max(...found.map(({ reapedAfterMs }) => reapedAfterMs));
  report(t, {
    fault: 'wall clock steps by an hour',
    tried: `${wallSteps.length} steps, forward and back, ${members.length} members`,
    found: `none reaped who is there; who is gone after ${timeoutMs}–${Math.round(latest)} ms (at most ${timeoutMs + reaperMs} due); time never goes back`,
  });
});

test('[LOG-1, SES-8] a server that starts again with its clock set back goes on where its time stood', async (t) => {
  const cwd = mkdtempSync(join(tmpdir(), 'parlor-'));
  const shim = await FaultShim.make(t, cwd);
  if (!shim) return;
  const start = async () => {
    const server = await ServerProcess.start({ cwd, env: { ...shim.env, SESSION_TIMEOUT: '60' } });
    t.after(() => server.stop());
    return server;
  };
  shim.set({ wallStepSeconds: hour });
  const first = await start();
  const ada = await ApiClient.join(first.url, 'Ada');
  const { status } = await ada.send('an hour ahead');
  await first.stop();
  shim.set({ wallStepSeconds: -hour });
  const second = await start();
  t.after(() => rmSync(cwd, { recursive: true }));
  const again = new ApiClient(second.url);
  again.token = ada.token;
  const sent = await again.send('two hours before');
  assert.deepEqual([status, sent.status], [201, 201], 'the session outlives the start and the step');
  const { events } = (await again.history()).body;
  assert.deepEqual(
    events.map(({ message }) => message),
    [undefined, 'an hour ahead', 'two hours before'],
  );
  checkTimestamps(events);
  assert.ok((events[0]?.timestamp ?? 0) > Date.now() + (hour * 1000) / 2, 'the clock was not an hour ahead');
});

interface Scene {
  readonly url: string;
  readonly shim: FaultShim;
  readonly watcher: LiveMember;
  readonly members: readonly LiveMember[];
}

interface StepFound {
  readonly reapedAfterMs: number;
}

/** Steps while somebody is just gone, and somebody else has used up what he may send. */
async function stepTo(seconds: number, round: string, scene: Scene): Promise<StepFound> {
  const { url, shim, watcher, members } = scene;
  const limited = await LimitedSender.join(url, `limited-${round}`);
  await limited.sendUntilRefused();
  const name = `gone-${round}`;
  const joinedAfter = performance.now();
  const gone = await ApiClient.join(url, name);
  const joinedBefore = performance.now();

  const shifted = shim.counts().timesShifted;
  const beats = members.map(({ reader }) => reader?.comments ?? 0);
  shim.set({ wallStepSeconds: seconds });

  const hasLeft = () => watcher.events.some((event) => event.type === 'leave' && event.name === name);
  const reaped = waitUntil(hasLeft, `${name} was reaped`).then(() => performance.now());
  const [reapedAt] = await Promise.all([reaped, limited.checkLimit()]);
  assert.ok(reapedAt - joinedAfter >= timeoutMs, `reaped after ${reapedAt - joinedAfter} ms`);
  assert.ok(
    reapedAt - joinedBefore < timeoutMs + reaperMs + slackMs,
    `reaped after ${reapedAt - joinedBefore} ms`,
  );
  const { status, body } = await gone.getSession();
  assert.deepEqual([status, body.reason], [410, 'expired']);
  for (const [index, { reader, client }] of members.entries()) {
    const isBeating = () => !reader || client.room === 'lobby' || reader.comments > (beats[index] ?? 0);
    await waitUntil(isBeating, 'a quiet stream carried a heartbeat');
  }
  if (seconds !== 0) assert.ok(shim.counts().timesShifted > shifted, 'the clock was not stepped');
  return { reapedAfterMs: reapedAt - joinedAfter };
}

/** Sends as fast as he may, and counts. */
class LimitedSender {
  readonly #client: ApiClient;
  readonly #start = performance.now();
  #accepted = 0;

  private constructor(client: ApiClient) {
    this.#client = client;
  }

  static async join(url: string, name: string): Promise<LimitedSender> {
    return new LimitedSender(await ApiClient.join(url, name));
  }

  async sendUntilRefused(): Promise<void> {
    for (let tries = 0; tries < 100; tries++) if ((await this.#send()) > 0) return;
    assert.fail('the limit never held');
  }

  /** After a step: there is no more to be had than before, and what `Retry-After` promises is kept. */
  async checkLimit(): Promise<void> {
    await this.sendUntilRefused();
    const retryAfter = await this.#send();
    await delay(retryAfter * 1000);
    assert.equal(await this.#send(), 0, 'refused after Retry-After');
    const due =
      sendLimit.count + ((performance.now() - this.#start) * sendLimit.count) / 1000 / sendLimit.seconds;
    assert.ok(this.#accepted <= due, `${this.#accepted} messages were accepted instead of ${due}`);
  }

  /** Returns the seconds of `Retry-After`, or 0 if the message was accepted. */
  async #send(): Promise<number> {
    const { status, headers } = await this.#client.send('hello');
    if (status === 201) {
      this.#accepted += 1;
      return 0;
    }
    assert.equal(status, 429);
    const seconds = Number(headers.get('retry-after'));
    assert.ok(seconds >= 1 && seconds <= sendLimit.seconds, `Retry-After: ${seconds}`);
    return seconds;
  }
}

/** Ids are contiguous and no timestamp goes back; returns how many of them go ahead by an hour. */
function checkTimestamps(events: readonly WireEvent[]): number {
  let jumps = 0;
  for (const [index, { id, timestamp }] of events.entries()) {
    const before = events[index - 1];
    if (!before) continue;
    assert.equal(id, before.id + 1);
    assert.ok(timestamp >= before.timestamp, `event ${id} is ${before.timestamp - timestamp} ms older`);
    if (timestamp - before.timestamp > (hour * 1000) / 2) jumps += 1;
  }
  return jumps;
}

async function startServer(t: TestContext, shim: FaultShim) {
  const server = await ServerProcess.start({ env: { ...shim.env, ...options } });
  t.after(() => server.stop());
  return server;
}
