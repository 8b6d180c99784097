import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keysOf } from '../../../../src/stores/redis/room-keys.ts';
import { roomScript } from '../../../../src/stores/redis/script/room-script.ts';
import { has } from '../../../support/needs.ts';
import { RedisServer } from '../../../support/redis-server.ts';

const script = roomScript({ keysPerSession: 64, endings: 10, endingsMs: 60_000 });
const { all, channel, log } = keysOf('parlor', 'lobby');

test('a batch that is sent again has no second effect, and the answer of the first time', async (t) => {
  if (!has(t, 'redis-server')) return;
  const server = await RedisServer.start();
  t.after(() => server.dispose());
  const send = (instance: string, batch: string): Promise<unknown> => {
    const limits = ['', '0', 'epoch', '100', '100000'];
    const announce = ['announce', '2', 'hello', '5'];
    return server.command(
      'EVAL',
      script,
      `${all.length}`,
      ...all,
      channel,
      instance,
      batch,
      ...limits,
      ...announce,
    );
  };
  const first = await send('one', '1');
  assert.deepEqual(await send('one', '1'), first);
  assert.equal(await server.command('XLEN', log), 1);
  await send('one', '2');
  await send('other', '1');
  assert.equal(await server.command('XLEN', log), 3, 'another batch, and that of another instance, are new');
});
