import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { serverLog } from '../../src/system/server-log.ts';

const secret = 'hunter2-of-all-people';

type Fields = Readonly<Record<string, unknown>>;

/** A line as it leaves, read again. */
function told(fields: object, message = 'fault'): Fields & { readonly text: string } {
  let text = '';
  const destination = {
    write(line: string) {
      text += line;
    },
  };
  serverLog('trace', destination).error(fields, message);
  assert.equal(text.indexOf('\n'), text.length - 1, 'it is one line');
  return { ...JSON.parse(text), text };
}

function nested(value: unknown, depth: number): unknown {
  return depth === 0 ? value : { in: nested(value, depth - 1) };
}

describe('what could be secret in a line of the log', () => {
  for (const name of [
    'password',
    'Password',
    'PASSWORD',
    'passwd',
    'token',
    'adminToken',
    'ACCESS_TOKEN',
    'secret',
    'jwtSecret',
    'client-secret',
    'Authorization',
    'AUTHORIZATION',
    'proxy-authorization',
    'Cookie',
    'set-cookie',
    'Set-Cookie',
    'cookies',
    'X-Auth-SSO',
    'X-API-Key',
    'privateKey',
    'user.password',
    'API key',
    'args',
  ]) {
    it(`is not told of a member called ${name}, whatever it is`, () => {
      for (const value of [secret, [secret], { any: { thing: secret } }]) {
        const { text, ...line } = told({ ok: 'there', [name]: value });
        assert.doesNotMatch(text, /hunter2/);
        assert.deepEqual([line[name], line.ok], ['[secret]', 'there']);
      }
    });
  }

  it('is not told however deep it is, in objects and lists, and where it is too deep nothing is', () => {
    for (const depth of [1, 4, 9, 40]) {
      const inObjects = told({ fields: nested({ Token: secret, ok: 'there' }, depth) });
      assert.doesNotMatch(inObjects.text, /hunter2/);
      assert.equal(inObjects.text.includes('there'), depth < 16);
      assert.doesNotMatch(told({ list: [[{ deep: [nested({ Cookie: secret }, depth)] }]] }).text, /hunter2/);
    }
  });

  it('is not told of headers that are a list: of names and values in turn, or of pairs', () => {
    const turns = told({
      rawHeaders: ['Host', 'a.example', 'Authorization', `Token ${secret}`, 'Accept', '*/*'],
    });
    assert.deepEqual(turns.rawHeaders, ['Host', 'a.example', 'Authorization', '[secret]', 'Accept', '*/*']);
    const pairs = told({
      headers: [
        ['Set-Cookie', secret],
        ['vary', 'accept'],
      ],
    });
    assert.deepEqual(pairs.headers, [
      ['Set-Cookie', '[secret]'],
      ['vary', 'accept'],
    ]);
  });

  it('is not told of an error, of what hangs on it, of its causes and of their texts', () => {
    const config = {
      url: `https://a.example/keys?ticket=${secret}`,
      headers: { Authorization: `Bearer ${secret}`, Accept: 'application/json' },
      data: JSON.stringify({ name: 'Ada', password: secret }),
    };
    const cause = Object.assign(new Error(`no way to redis://parlor:${secret}@db.example:6379/0`), {
      config,
    });
    const err = Object.assign(new Error(`GET ${config.url} failed.`, { cause }), {
      config,
      command: { args: [secret] },
    });
    const { text, ...line } = told({ err });
    assert.doesNotMatch(text, /hunter2/);
    const { message, stack, config: shown } = line.err as Record<'message' | 'stack' | 'config', string>;
    assert.match(message, /^GET https:\/\/a\.example\/keys\?\[secret\] failed\./);
    assert.match(stack, /redis:\/\/\[secret\]@db\.example:6379\/0[\s\S]*secrets\.test/);
    assert.deepEqual(shown, {
      url: 'https://a.example/keys?[secret]',
      headers: { Authorization: '[secret]', Accept: 'application/json' },
      data: '{"name":"Ada","password":"[secret]"}',
    });
    assert.doesNotMatch(told({ err: new AggregateError([err, cause], 'all') }).text, /hunter2/);
  });

  it('is not told of texts: queries and fragments of addresses, headers, settings, signed tokens', () => {
    const signed = `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJBZGEifQ.${secret}`;
    for (const said of [
      `/v1/rooms/lobby/session?sso=${secret}&x=1`,
      `(https://a.example/#id_token=${secret})`,
      `https://${secret}@a.example/`,
      `sqlite://a:b@${secret}@c/`,
      `authorization: Custom ${secret}\nhost: a`,
      `Set-Cookie: sid=${secret}; Path=/`,
      `bearer ${secret}`,
      `the token=${secret}, it said`,
      `{"accessToken": "a\\"${secret}"}`,
      `{'password': '${secret}'}`,
      signed,
    ]) {
      for (const { text } of [told({ why: said }), told({}, said)]) {
        assert.doesNotMatch(text, /hunter2/, said);
        assert.match(text, /\[secret\]/, said);
      }
    }
  });

  it('is not told of what a child of the log has in all its lines', () => {
    let text = '';
    const log = serverLog('info', {
      write(line: string) {
        text += line;
      },
    });
    log.child({ from: { Cookie: secret } }).info('deed');
    assert.doesNotMatch(text, /hunter2/);
    assert.match(text, /\[secret\]/);
  });
});

it('what is no secret is told as it is', () => {
  const fields = {
    sessionId: '0b0e6f8e-0000-4000-8000-000000000000',
    limit: 'ADMIN_TOKEN',
    code: 'wrong-token',
    author: 'Ada',
    authority: 'a.example:443',
    why: 'AUTH: the webhook at https://a.example/auth/check cannot be reached (connect ECONNREFUSED 127.0.0.1:80).',
    token: null,
    at: 'fn (file:///usr/lib/node_modules/@parlor/auth/token.js:1:2)',
  };
  const { text, level, time, pid, hostname, msg, ...rest } = told(
    fields,
    'JWT_SECRET: is it right? It has 3 keys',
  );
  assert.deepEqual(rest, fields);
  assert.equal(msg, 'JWT_SECRET: is it right? It has 3 keys');
});
