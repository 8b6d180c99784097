import assert from 'node:assert/strict';
import { after, before, test as nodeTest } from 'node:test';
import { Redis } from 'ioredis';
import { keysOf, originKey, type RoomKeys } from '../../../../src/stores/redis/room-keys.ts';
import type { Bounds } from '../../../../src/stores/redis/script/bounds.ts';
import { roomKeys, roomScript } from '../../../../src/stores/redis/script/room-script.ts';
import { has, isInPath } from '../../../support/needs.ts';
import { RedisServer } from '../../../support/redis-server.ts';
import { waitUntil } from '../../../support/wait-until.ts';

const bounds: Bounds = { keysPerSession: 4, endings: 3, endingsMs: 60_000, batchesMs: 60_000 };
let server: RedisServer;
let redis: Redis;

before(async () => {
  if (!isInPath('redis-server')) return;
  server = await RedisServer.start();
  redis = new Redis(server.url);
  await redis.set(originKey('parlor'), 'fresh');
});
after(async () => {
  redis?.disconnect();
  await server?.dispose();
});

type Operation = readonly [name: string, ...input: string[]];

/** A room of the test's own, and what instances ask of it, batch by batch. */
class Room {
  readonly keys: RoomKeys;
  readonly #script: string;
  #batches = 0;

  constructor(name: string, more: Partial<Bounds> = {}) {
    this.keys = keysOf('parlor', name);
    this.#script = roomScript({ ...bounds, ...more });
  }

  key(name: (typeof roomKeys)[number]): string {
    return this.keys.all[roomKeys.indexOf(name)] ?? '';
  }

  ask(...operations: readonly Operation[]): Promise<unknown> {
    return this.askAs({}, ...operations);
  }

  askAs(
    { instance = 'one', batch = '', events = 100 },
    ...operations: readonly Operation[]
  ): Promise<unknown> {
    this.#batches += 1;
    const { all, channel } = this.keys;
    const head = [channel, instance, batch || `${this.#batches}`, '', '0', 'epoch', `${events}`, '100000'];
    const input = operations.flatMap(([name, ...words]) => [name, `${words.length}`, ...words]);
    return redis.eval(this.#script, all.length, ...all, ...head, ...input);
  }

  async count(...names: readonly (typeof roomKeys)[number][]): Promise<readonly number[]> {
    const lengths = { hash: 'HLEN', zset: 'ZCARD', stream: 'XLEN', none: '' } as const;
    return await Promise.all(
      names.map(async (name) => {
        const command = lengths[(await redis.type(this.key(name))) as keyof typeof lengths];
        return command === '' ? 0 : Number(await redis.call(command, this.key(name)));
      }),
    );
  }
}

function test(name: string, run: () => Promise<void>): void {
  nodeTest(name, async (t) => {
    if (has(t, 'redis-server')) await run();
  });
}

const announce: Operation = ['announce', 'hello', '5'];
const idle = (id: string, ms: number): Operation => ['expired', id, `${ms}`, '0'];

function open(id: string, user = ''): Operation {
  const own = `${id}-token`;
  return ['open', id, '{}', 'null', own, id, id, '3', user, 'create-key', '1', '100', 'push'];
}

function say(id: string, key = ''): Operation {
  return ['append', id, 'hello', '5', key, 'hash', ''];
}

test('a batch that is sent again has no second effect, and the answer of the first time', async () => {
  const room = new Room('again');
  const first = await room.askAs({ batch: '1' }, announce);
  assert.deepEqual(await room.askAs({ batch: '1' }, announce), first);
  assert.deepEqual(await room.count('log'), [1]);
  await room.askAs({ batch: '2' }, announce);
  await room.askAs({ batch: '1', instance: 'other' }, announce);
  assert.deepEqual(await room.count('log'), [3], 'another batch, and that of another instance, are new');
});

test('the last batch of an instance that is gone is forgotten, however much others say', async () => {
  const room = new Room('gone', { batchesMs: 300 });
  await room.askAs({ instance: 'gone' }, announce);
  const isKnown = () => redis.hexists(room.key('batches'), 'gone');
  assert.equal(await isKnown(), 1);
  await waitUntil(async () => {
    await room.ask(announce, ['trim', '100000', '10']);
    return (await isKnown()) === 0;
  }, 'it is forgotten');
  assert.equal(await redis.hexists(room.key('batches'), 'one'), 1);
  await waitUntil(
    async () => (await redis.exists(room.key('batches'))) === 0,
    'and all of them in a quiet room',
  );
});

test('[LOG-7] of too many events sixteen go with each that comes, and the rest with a trim', async () => {
  const room = new Room('many');
  await room.ask(...Array.from({ length: 40 }, () => announce));
  await room.askAs({ events: 4 }, announce);
  assert.deepEqual(await room.count('log'), [41 - 16]);
  await room.askAs({ events: 4 }, ['trim', '100000', '1000']);
  assert.deepEqual(await room.count('log'), [4]);
  assert.equal(await redis.hget(room.key('meta'), 'base'), '37');
});

test('[LOG-4] what is trimmed by its own redaction leaves nothing', async () => {
  const room = new Room('redacted');
  await room.ask(announce);
  await room.askAs({ events: 1 }, ['redact', '1']);
  assert.deepEqual(await room.count('log', 'redacted'), [1, 0]);
});

test('[SES-8] who is found is not idle', async () => {
  const room = new Room('found');
  await room.ask(open('Ada'));
  await redis.zadd(room.key('touched'), 1, 'Ada');
  await room.ask(['find', 'Ada-token']);
  assert.deepEqual(((await room.ask(idle('Ada', 60_000))) as unknown[])[3], ['']);
});

test('a session that has ended leaves its ending, and nothing else', async () => {
  const room = new Room('ended');
  const said = ['a', 'b', 'c', 'd', 'e'].map((key) => say('Ada', key));
  await room.ask(open('Ada', 'u1'), ...said, ['save', 'Ada', 'epoch-1'], ['close', 'Ada', 'destroyed', '']);
  const ofSessions = [
    'sessions',
    'state',
    'names',
    'tokens',
    'users',
    'touched',
    'positions',
    'keys',
  ] as const;
  assert.deepEqual(
    await room.count(...ofSessions),
    ofSessions.map(() => 0),
  );
  assert.deepEqual(await room.count('endings', 'ended'), [1, 1]);
});

test('of endings as many are kept as was said, for as long as was said', async () => {
  const room = new Room('endings');
  const come = (id: string) => room.ask(open(id), ['close', id, 'destroyed', '']);
  for (const id of ['Ada', 'Bob', 'Cleo', 'Dan', 'Eve']) await come(id);
  assert.deepEqual(await room.count('endings', 'ended'), [3, 3]);
  const brief = new Room('endings', { endings: 100, endingsMs: 1 });
  await waitUntil(async () => {
    await brief.ask(['trim', '100000', '1']);
    return (await room.count('endings', 'ended')).every((count) => count === 0);
  }, 'they are forgotten');
});

test('[SES-7] what is told late of activity takes back nothing that was told before', async () => {
  const room = new Room('late');
  await room.ask(open('Ada'), ['touch', 'Ada', '0'], ['touch', 'Ada', '50000']);
  assert.deepEqual(((await room.ask(idle('Ada', 40_000))) as unknown[])[3], ['']);
});

test('a room that is forgotten leaves nothing, and what is known of all rooms stays', async () => {
  const room = new Room('forgotten');
  await room.ask(announce, open('Ada'), ['close', 'Ada', 'destroyed', '']);
  await waitUntil(async () => {
    await room.ask(['trim', '1', '100'], ['forget']);
    return (await redis.keys('parlor:{forgotten}:*')).length === 0;
  }, 'nothing is left');
  assert.equal(await redis.exists(originKey('parlor')), 1);
});
