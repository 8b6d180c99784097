import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { serverLog } from '../../src/system/server-log.ts';
import { terminalLog } from '../../src/system/terminal-log.ts';

function linesOf(write: (log: ReturnType<typeof serverLog>) => void): string {
  let text = '';
  write(
    serverLog('trace', {
      write(line: string) {
        text += line;
      },
    }),
  );
  return text;
}

test('what hangs on an error and could be secret is not written, however it got there', () => {
  const secret = 'hunter2-of-all-people';
  const error = Object.assign(new Error('The service is away.'), {
    password: secret,
    response: { headers: { 'set-cookie': [secret], authorization: `Bearer ${secret}` } },
    cause: { token: secret },
  });
  const text = linesOf((log) => {
    log.error({ err: error, doing: 'asking', cookie: secret }, 'fault');
    log.child({ audit: true }).info({ secret, options: { adminToken: secret } }, 'deed');
  });
  assert.doesNotMatch(text, /hunter2/);
  const [fault] = text.split('\n');
  const { err, doing, cookie } = JSON.parse(fault ?? '');
  assert.deepEqual(
    [err.message, doing, cookie, err.password],
    ['The service is away.', 'asking', '[secret]', '[secret]'],
  );
  assert.match(err.stack, /server-log\.test/);
});

const told = { room: 'a\u202eb\u001b[2J', token: 'hunter2' };

test('a line is JSON, and has nothing in it that does something', () => {
  const json = linesOf((log) => log.info(told, 'told'));
  assert.equal(JSON.parse(json).room, 'a\u202eb\u001b[2J');
  assert.doesNotMatch(json, /[\u202e\u001b]/);
});

test('for people on a terminal it is no JSON, says escapes instead of what they stand for, and no secret', async () => {
  const terminal = new PassThrough({ encoding: 'utf8' });
  terminalLog('trace', terminal).info(told, 'told');
  let text = '';
  while (!text.includes('token')) text += (await once(terminal, 'data'))[0];
  assert.match(text, /INFO.*told/);
  assert.throws(() => JSON.parse(text));
  assert.match(text, /a\\+u202eb\\+u001b\[2J/);
  assert.doesNotMatch(text.replaceAll(/\u001b\[\d+m/g, ''), /[\u202e\u001b]|hunter2/);
});
