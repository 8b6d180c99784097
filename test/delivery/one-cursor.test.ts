import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { ApiClient, type WireEvent } from '../support/api-client.ts';
import { startServer } from '../support/test-server.ts';

const messages = 2_000;
const unlimited = {
  SEND_LIMIT: 'off',
  UPDATES_LIMIT: 'off',
  READ_LIMIT: 'off',
  CREATE_LIMIT: 'off',
  ROOMS: '*',
};

/** How a client reads for a while before it switches. */
type Step =
  | { readonly by: 'poll'; readonly limit: number }
  | { readonly by: 'long poll'; readonly limit: number }
  | { readonly by: 'stream'; readonly events: number; readonly how: 'after' | 'Last-Event-ID' };

const steps = fc.array(
  fc.oneof(
    fc.record({ by: fc.constant('poll' as const), limit: fc.integer({ min: 1, max: 60 }) }),
    fc.record({ by: fc.constant('long poll' as const), limit: fc.integer({ min: 1, max: 60 }) }),
    fc.record({
      by: fc.constant('stream' as const),
      events: fc.integer({ min: 1, max: 120 }),
      how: fc.constantFrom('after' as const, 'Last-Event-ID' as const),
    }),
  ),
  { minLength: 4, maxLength: 12 },
);

/** Reads everything from its cursor on, by one step after the other, over and over. */
class Wanderer {
  readonly seen: WireEvent[] = [];
  readonly #client: ApiClient;
  #cursor: string;

  constructor(client: ApiClient, cursor: string) {
    this.#client = client;
    this.#cursor = cursor;
  }

  async follow(script: readonly Step[], isDone: () => boolean): Promise<void> {
    for (let turn = 0; !isDone(); turn++) {
      const step = script[turn % script.length];
      assert.ok(step);
      await this.#take(step);
    }
  }

  async #take(step: Step): Promise<void> {
    if (step.by === 'stream') return this.#stream(step.events, step.how);
    const wait = step.by === 'poll' ? {} : { wait: 5 };
    const { status, body } = await this.#client.updates({
      after: this.#cursor,
      limit: step.limit,
      ...wait,
    });
    assert.equal(status, 200);
    assert.equal(body.lost, undefined);
    this.seen.push(...body.events);
    this.#cursor = body.cursor;
  }

  async #stream(count: number, how: 'after' | 'Last-Event-ID'): Promise<void> {
    const stream =
      how === 'after'
        ? await this.#client.subscribe(`?after=${this.#cursor}`)
        : // As EventSource: the address it was made with, and the header that wins.
          await this.#client.subscribe('?after=0', { 'last-event-id': this.#cursor });
    for (let left = count; left > 0; left--) {
      const event = await stream.next();
      assert.ok(event?.id, 'the stream ended');
      assert.notEqual(event.type, 'init', 'there is no gap');
      this.seen.push(JSON.parse(event.data));
      this.#cursor = event.id;
      if (this.seen.at(-1)?.message === 'the end') break;
    }
    stream.close();
  }
}

async function run(t: TestContext, url: string, room: string, script: readonly Step[]): Promise<void> {
  const options = { room };
  const reader = await ApiClient.join(url, 'Reader', options);
  const wanderer = new Wanderer(reader, reader.cursor);
  const names = ['Ada', 'Bob', 'Cleo', 'Dan'];
  const senders = await Promise.all(names.map((name) => ApiClient.join(url, name, options)));
  const sent = new Map<number, string>();
  const sending = Promise.all(
    senders.map(async (sender, index) => {
      for (let count = index; count < messages; count += senders.length) {
        const { status, body } = await sender.send(`message ${count}`);
        assert.equal(status, 201);
        sent.set(body.id, `message ${count}`);
      }
    }),
  ).then(() => senders[0]?.send('the end'));
  await wanderer.follow(script, () => wanderer.seen.at(-1)?.message === 'the end');
  await sending;
  const { seen } = wanderer;
  // From his own join on, each exactly once, in the one order.
  assert.deepEqual(
    seen.map(({ id }) => id),
    seen.map((_event, index) => index + 1),
  );
  assert.equal(seen.length, 1 + senders.length + messages + 1);
  for (const { id, type, message } of seen) {
    if (type === 'message' && message !== 'the end') assert.equal(message, sent.get(id));
  }
  assert.equal(sent.size, messages);
  t.diagnostic(`${script.length} steps`);
}

test('[P-2] one cursor across deliveries: whatever the switches, each event is seen exactly once', async (t) => {
  const server = await startServer(unlimited);
  t.after(() => server.close());
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(steps, (script) => run(t, server.url, `room-${runs++}`, script)),
    { numRuns: 5, endOnFailure: true },
  );
});
