import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serverLog } from '../../src/system/server-log.ts';

function linesOf(isTTY: boolean, write: (log: ReturnType<typeof serverLog>) => void): string {
  let text = '';
  write(
    serverLog('trace', isTTY, {
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
  const text = linesOf(false, (log) => {
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

test('a line is JSON, and for people on a terminal it is not; both say nothing that does something', () => {
  const write = (log: ReturnType<typeof serverLog>) => log.info({ room: 'a\u202eb\u001b[2J' }, 'told');
  const json = linesOf(false, write);
  assert.equal(JSON.parse(json).room, 'a\u202eb\u001b[2J');
  assert.doesNotMatch(json, /[\u202e\u001b]/);
});
