import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import Fastify, { type FastifyInstance } from 'fastify';
import parlor, { ChatError, type ChatRoomEvent, type ParlorOptions } from '../src/index.ts';
import { ApiClient } from './support/api-client.ts';
import { refused, told } from './support/domain.ts';
import { assertProblem } from './support/problem.ts';
import { temporaryFolder } from './support/sqlite.ts';
import { waitUntil } from './support/wait-until.ts';

const inMemory: ParlorOptions = { storeUrl: 'memory:', shutdownSeconds: 0 };

interface Embedded {
  readonly app: FastifyInstance;
  readonly url: string;
  /** What was written to `app.log`, one object a line. */
  readonly lines: { readonly msg: string; readonly err?: { readonly message: string } }[];
}

async function embedded(t: TestContext, options: ParlorOptions = {}): Promise<Embedded> {
  const lines: Embedded['lines'] = [];
  const stream = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const app = Fastify({ logger: { level: 'info', stream } });
  await app.register(parlor, { prefix: '/chat', ...inMemory, ...options });
  t.after(() => app.close());
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  return { app, url: `${address}/chat`, lines };
}

async function logOf(client: ApiClient): Promise<string[]> {
  return told((await client.updates({ after: '0' })).body.events as ChatRoomEvent[]);
}

test('app.parlor says something without HTTP, once it is committed, as a member that stays', async (t) => {
  const { app, url } = await embedded(t);
  const ada = await ApiClient.join(url, 'Ada');
  const first = await app.parlor.send('lobby', 'Bot', 'Good morning!');
  const second = await app.parlor.send('lobby', 'Bot', 'And a good day.');
  assert.deepEqual(await logOf(ada), ['+Ada', '+Bot', 'Bot: Good morning!', 'Bot: And a good day.']);
  assert.deepEqual([first.id, second.id], [3, 4]);
  assert.ok(first.timestamp <= second.timestamp);
  assert.deepEqual(await app.parlor.rooms(), [{ name: 'lobby', users: ['Ada', 'Bot'] }]);
});

test('app.parlor announces and redacts, and members in the process hear both', async (t) => {
  const { app, url } = await embedded(t, { maxMessageBytes: 100 });
  const bot = await app.parlor.join('lobby', 'Bot');
  const heard: ChatRoomEvent[] = [];
  bot.listen((event) => void heard.push(event));
  const ada = await ApiClient.join(url, 'Ada');
  const { body: said } = await ada.send('a secret');
  const announced = await app.parlor.announce('lobby', 'We close\r\nat noon.');
  const redaction = await app.parlor.redact('lobby', said.id);
  assert.deepEqual(await app.parlor.redact('lobby', said.id), redaction);
  assert.deepEqual(Object.keys(redaction), ['id', 'timestamp']);
  await waitUntil(() => heard.length === 4, 'the bot heard the redaction');
  assert.deepEqual(told(heard), ['+Ada', 'Ada: a secret', '! We close\nat noon.', `x${said.id}`]);
  assert.deepEqual([announced.id, redaction.id], [4, 5]);
  assert.deepEqual(await logOf(ada), ['+Bot', '+Ada', 'Ada: ', '! We close\nat noon.', `x${said.id}`]);
  await assert.rejects(app.parlor.announce('lobby', 'x'.repeat(101)), refused('invalid-message'));
  await assert.rejects(app.parlor.announce('attic', 'x'), refused('room-not-found'));
  for (const id of [1, 9, 1.5, Number.NaN, '3' as never]) {
    await assert.rejects(app.parlor.redact('lobby', id), refused('not-found'));
  }
});

test('a member in the process hears every event in order, and answers; what its listener throws is logged', async (t) => {
  const { app, url, lines } = await embedded(t);
  const bot = await app.parlor.join('lobby', 'Bot');
  const heard: ChatRoomEvent[] = [];
  bot.listen(() => {
    throw new Error('a clumsy listener');
  });
  const stop = bot.listen(async (event) => {
    heard.push(event);
    if (event.type === 'message' && event.name !== bot.name) await bot.send(`Hello ${event.name}!`);
  });
  const ada = await ApiClient.join(url, 'Ada');
  await ada.send('hello');
  await waitUntil(() => heard.length === 3, 'the bot heard its own answer');
  assert.deepEqual(told(heard), ['+Ada', 'Ada: hello', 'Bot: Hello Ada!']);
  assert.equal(lines.filter(({ err }) => err?.message === 'a clumsy listener').length, 3);
  stop();
  await ada.send('and again');
  assert.equal(heard.length, 3);
  assert.deepEqual(bot.users, ['Bot', 'Ada']);
  await bot.leave();
  assert.deepEqual((await logOf(ada)).at(-1), '-Bot');
  await assert.rejects(bot.send('too late'), refused('session-gone', 'destroyed'));
  await app.parlor.send('lobby', 'Bot', 'back');
  assert.deepEqual((await logOf(ada)).slice(-2), ['+Bot', 'Bot: back']);
});

test('however many ask at once, there is one member of a name', async (t) => {
  const { app } = await embedded(t);
  const bots = await Promise.all(Array.from({ length: 50 }, () => app.parlor.join('lobby', 'Bot')));
  assert.equal(new Set(bots).size, 1);
  assert.equal(app.parlor.sessions('lobby').length, 1);
});

test('for a member in the process the rules on text hold, and neither limits nor hooks', async (t) => {
  const { app, url } = await embedded(t, {
    sendLimit: '1/60',
    hooks: {
      authorize: () => false,
      validateName: (_user, name) => (name === 'Bot' ? 'This name is the bot’s.' : undefined),
      validateMessage: () => 'Nobody speaks here.',
    },
  });
  const bot = await app.parlor.join('lobby', 'Bot');
  for (let i = 1; i <= 30; i++) assert.equal((await bot.send(`${i}`)).id, i + 1);
  await assert.rejects(bot.send(''), refused('invalid-message'));
  await assert.rejects(bot.send('\u0007'), refused('invalid-message'));
  await assert.rejects(app.parlor.join('lobby', '<b>'), refused('invalid-name'));
  await assert.rejects(app.parlor.join('nowhere', 'Bot'), refused('room-not-found'));
  assertProblem(await new ApiClient(url).create({ name: 'Bot' }), 422, 'invalid-name');
});

test('a name is had by whoever came first, a client or the server', async (t) => {
  const { app, url } = await embedded(t);
  await ApiClient.join(url, 'Ada');
  await assert.rejects(app.parlor.join('lobby', 'Ada'), refused('name-in-use'));
  await app.parlor.join('lobby', 'Bot');
  assertProblem(await new ApiClient(url).create({ name: 'bot' }), 409, 'name-in-use');
});

test('a member in the process is never idle [SES-7]', async (t) => {
  const { app, url } = await embedded(t, { sessionTimeout: 0.2, reaperInterval: 0.05 });
  const bot = await app.parlor.join('lobby', 'Bot');
  await ApiClient.join(url, 'Ada');
  await waitUntil(() => !bot.users.includes('Ada'), 'somebody idle was reaped');
  assert.deepEqual(bot.users, ['Bot']);
});

test('after a restart a member in the process goes on, without leave and join [SES-8, SES-10]', async (t) => {
  const storeUrl = `sqlite:${join(temporaryFolder(t), 'parlor.db')}`;
  const first = await embedded(t, { storeUrl });
  await first.app.parlor.send('lobby', 'Bot', 'before');
  await first.app.close();
  const { app, url } = await embedded(t, { storeUrl });
  await app.parlor.send('lobby', 'Bot', 'after');
  assert.deepEqual(await logOf(await ApiClient.join(url, 'Ada')), [
    '+Bot',
    'Bot: before',
    'Bot: after',
    '+Ada',
  ]);
});

test('what is bound to a session is released with it, once, the last first; what fails is logged [SES-1]', async (t) => {
  const released: string[] = [];
  const ended: unknown[] = [];
  const { app, url, lines } = await embedded(t, {
    hooks: {
      onSessionCreated(handle) {
        handle.use(() => void released.push('first'));
        handle.use(async () => {
          throw new Error('cannot be released');
        });
        handle.use(() => void released.push('last'));
      },
      onSessionDestroyed: (...args) => void ended.push(args),
    },
  });
  const ada = await ApiClient.join(url, 'Ada');
  const [handle] = app.parlor.sessions();
  assert.ok(handle);
  assert.equal(app.parlor.session(handle.sessionId), handle);
  assert.deepEqual([handle.name, handle.room, handle.user, handle.isClosed], ['Ada', 'lobby', null, false]);
  assert.deepEqual(await Promise.all([handle.destroy('removed', 'Good night.'), handle.destroy()]), [
    true,
    false,
  ]);
  assert.equal(assertProblem(await ada.updates(), 410, 'session-gone').endingDetail, 'Good night.');
  await waitUntil(() => released.length === 2, 'all was released');
  assert.deepEqual(released, ['last', 'first']);
  assert.deepEqual(ended, [[null, handle.sessionId, 'removed', 'Good night.']]);
  assert.equal(lines.filter(({ err }) => err?.message === 'cannot be released').length, 1);
  assert.equal(app.parlor.session(handle.sessionId), undefined);
  handle.use(() => void released.push('too late'));
  assert.deepEqual(released, ['last', 'first', 'too late']);
});

test('hooks decide by who asks for what, and an authenticator of the application’s own says who it is', async (t) => {
  const asked: unknown[] = [];
  const { url } = await embedded(t, {
    authenticator: {
      async authenticate({ name, password }) {
        if (password !== 'sesame') throw new ChatError('permission-denied', 'Say the word.');
        return {
          name: name ?? 'Guest',
          user: { id: `id-${name}`, name: name ?? 'Guest', claims: { may: 'talk' } },
        };
      },
    },
    hooks: {
      authorize(user, operation, input) {
        asked.push([user?.id, user?.claims, operation, input.room, input.name, input.message]);
        return input.message !== 'secret';
      },
    },
  });
  assertProblem(await new ApiClient(url).create({ name: 'Ada', password: 'open' }), 403, 'permission-denied');
  const ada = new ApiClient(url);
  const { status } = await ada.create({ name: 'Ada', password: 'sesame' });
  assert.equal(status, 201);
  assertProblem(await ada.send('secret'), 403, 'permission-denied');
  assert.equal((await ada.send('hello')).status, 201);
  assert.deepEqual(asked, [
    ['id-Ada', { may: 'talk' }, 'send', 'lobby', 'Ada', 'secret'],
    ['id-Ada', { may: 'talk' }, 'send', 'lobby', 'Ada', 'hello'],
  ]);
});

test('the decorator is seen in the scope of its registration and below, and nowhere else', async (t) => {
  const app = Fastify();
  t.after(() => app.close());
  await app.register(async (scope) => {
    await scope.register(parlor, { prefix: '/one', ...inMemory });
    await scope.register(async (below) => assert.ok(below.parlor));
  });
  assert.equal(app.hasDecorator('parlor'), false);
  await app.register(async (scope) => {
    await scope.register(parlor, { prefix: '/two', ...inMemory });
  });
  assert.equal((await app.inject('/one/v1/rooms')).statusCode, 200);
  assert.equal((await app.inject('/two/v1/rooms')).statusCode, 200);
});

test('a second one in the same scope is refused before it opens anything', async (t) => {
  const app = Fastify();
  t.after(() => app.close());
  await app.register(parlor, { prefix: '/one', ...inMemory });
  await assert.rejects(
    async () => app.register(parlor, { prefix: '/two', ...inMemory }),
    /There is a Parlor in this scope already; register another one in a scope of its own\./,
  );
});

test('without a prefix the API is at the root, and the application’s own routes beside it', async (t) => {
  const app = Fastify();
  t.after(() => app.close());
  app.get('/', () => 'mine');
  await app.register(parlor, inMemory);
  assert.equal((await app.inject('/')).body, 'mine');
  assert.equal((await app.inject('/v1/rooms')).statusCode, 200);
  assert.equal((await app.inject('/nowhere')).json().statusCode, 404, 'the application’s own');
});

test('an option that cannot be used, or a store, is told where it is registered', async (t) => {
  const refusal = async (options: object) => {
    const app = Fastify();
    t.after(() => app.close());
    await app.register(parlor, { ...inMemory, ...options });
  };
  await assert.rejects(
    refusal({ maxMembres: 3 }),
    /Unknown option "maxMembres" of Parlor; did you mean maxMembers\?/,
  );
  await assert.rejects(refusal({ maxMembers: 0 }), /^ConfigError: MAX_MEMBERS \(maxMembers\): expected/);
  await assert.rejects(refusal({ storeUrl: `sqlite:${temporaryFolder(t)}` }), /is a folder|folder|directory/);
});
