/**
 * A shop with a chat for its customers: an application of its own, in which Parlor is one plugin. `npm run build`,
 * `node examples/plugin/shop.js`, then open http://127.0.0.1:3000, as "Ada" with the password "analytical engine".
 */
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import fastifyStatic from '@fastify/static';
import Fastify from 'fastify';
import parlor, { ChatError } from 'parlor';

const customers = new Map([
  ['Ada', { id: 'customer-1', password: 'analytical engine', mayTalk: true }],
  ['Bob', { id: 'customer-2', password: 'builder', mayTalk: false }],
]);

const app = Fastify({ logger: true });

await app.register(parlor, {
  prefix: '/chat',
  rooms: ['lobby'],
  storeUrl: process.env.STORE_URL ?? 'memory:',
  feed: 'members',
  // Who the customers are, the shop knows itself.
  authenticator: {
    async authenticate({ name = '', password }) {
      const customer = customers.get(name);
      if (customer === undefined || customer.password !== password) {
        throw new ChatError('permission-denied', 'The shop does not know this name with this password.');
      }
      return { name, user: { id: customer.id, name, claims: { mayTalk: customer.mayTalk } } };
    },
  },
  hooks: {
    authorize: (user, operation) => operation !== 'send' || user?.claims.mayTalk === true,
    validateMessage: (_user, _room, text) =>
      /\d{16}/.test(text) ? 'Keep your card’s number to yourself.' : undefined,
    onSessionCreated(handle) {
      app.log.info({ customer: handle.user?.id }, 'a customer is in the chat');
      handle.use(() => app.log.info({ customer: handle.user?.id }, 'a customer has left the chat'));
    },
  },
});

// What happens in the shop is said in the room, without HTTP.
app.post('/orders', async (request, reply) => {
  const { item } = request.body ?? {};
  await app.parlor.send('lobby', 'Shop', `Somebody has bought ${String(item).slice(0, 100)}.`);
  return reply.code(201).send({ item });
});

// The typed client, as the browser loads it, and a page that talks by it.
await app.register(fastifyStatic, {
  root: dirname(fileURLToPath(import.meta.resolve('parlor/client'))),
  prefix: '/client/',
});
app.get('/', async (_request, reply) =>
  reply.type('text/html; charset=utf-8').send(await readFile(new URL('shop.html', import.meta.url))),
);

// In nobody's name, to everybody who is there.
async function close() {
  await app.parlor.announce('lobby', 'The shop closes.').catch((error) => app.log.error(error));
  await app.close();
}
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, close);
await app.listen({ port: Number(process.env.PORT ?? 3000) });
