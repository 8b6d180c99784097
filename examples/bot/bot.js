// A room with a bot in it: `npm run build`, `node examples/bot/bot.js`, and then, with curl or a page, say "roll" to it.
import Fastify from 'fastify';
import parlor from 'parlor';

const app = Fastify({ logger: true });
await app.register(parlor, { storeUrl: 'memory:' });

const bot = await app.parlor.join('lobby', 'Dice');
bot.listen(async (event) => {
  if (event.type === 'join' && event.name !== bot.name) {
    await bot.send(`Welcome, ${event.name}! Say "roll", and I roll a die.`);
  }
  if (event.type === 'message' && event.message.toLowerCase() === 'roll') {
    await bot.send(`${event.name} has a ${1 + Math.floor(Math.random() * 6)}.`);
  }
});

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => app.close());
await app.listen({ port: Number(process.env.PORT ?? 3000) });
