import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';
import { after, before, describe, it, type TestContext } from 'node:test';
import { Line } from '../../../src/cli/doctor/line.ts';
import { ApiClient } from '../../support/api-client.ts';
import { listening } from '../../support/listening.ts';
import { startServer, type TestServer } from '../../support/test-server.ts';
import { type Faults, faultyProxy, passOn } from './faulty-proxy.ts';
import { faultsOf, findings, sentence } from './findings.ts';

let shared: TestServer;
before(async () => {
  shared = await startServer({ READ_LIMIT: 'off', ALLOWED_ORIGINS: 'https://www.example.org' });
});
after(() => shared.close());

const behind = (t: TestContext, faults: Faults): Promise<string> => faultyProxy(t, shared.url, faults);

describe('parlor doctor and answers', () => {
  it('follows a redirect, and warns of it', async (t) => {
    const url = await listening(
      t,
      http.createServer(({ url: path = '' }, response) => {
        response.writeHead(301, { location: `${shared.url}${path}` }).end();
      }),
    );
    const all = await findings(url);
    assert.deepEqual(faultsOf(all), ['warning address']);
    assert(sentence(all, 'warning', 'address').includes(`redirects to ${shared.url} (301)`));
    sentence(all, 'ok', 'buffering');
  });

  it('sends no password and no token where a redirect leads to another host', async (t) => {
    const came: string[] = [];
    const spy = await behind(t, {
      instead: ({ method = '', headers }) => {
        came.push(`${method} ${headers.authorization ?? ''}`.trim());
        return false;
      },
    });
    const url = await listening(
      t,
      http.createServer(({ url: path = '' }, response) => {
        response.writeHead(302, { location: `${spy}${path}` }).end();
      }),
    );
    const all = await findings(url, { name: 'Ada', adminToken: 'an-operators-token-of-24-and-more' });
    assert(sentence(all, 'untried', 'member').includes('another host'));
    assert.ok(came.includes('GET'), 'it is read');
    assert.deepEqual(
      [...new Set(came)].filter((asked) => !/^(GET|HEAD|OPTIONS|DELETE|POST)$/.test(asked)),
      [],
    );
  });

  it('gives up redirects that go in a circle', async (t) => {
    const url = await listening(
      t,
      http.createServer((_, response) => {
        response.writeHead(302, { location: '/v1/rooms' }).end();
      }),
    );
    assert.match((await findings(url)).at(-1)?.seen ?? '', /again and again/);
  });

  it('finds pages that are mounted below a path', async (t) => {
    const url = await behind(t, {
      instead: ({ url: path = '' }, response) => {
        const isOutside = !path.startsWith('/parlor/');
        if (isOutside) response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Nothing</h1>');
        return isOutside;
      },
      request: (asked) => {
        asked.path = asked.path.slice('/parlor'.length);
      },
    });
    for (const address of [`${url}/parlor`, `${url}/parlor/lobby`]) {
      const all = await findings(address);
      assert.deepEqual(faultsOf(all), ['problem page']);
      assert.match(sentence(all, 'problem', 'page'), /outside \/parlor/);
    }
  });

  it('calls a server sound of which only the API comes through', async (t) => {
    const url = await behind(t, {
      instead: ({ url: path = '' }, response) => {
        const isOfTheSite = !/^\/(?:lobby$|v1\/|assets\/|static\/)/.test(path);
        if (isOfTheSite)
          response.writeHead(200, { 'content-type': 'text/html' }).end('<title>A site</title>');
        return isOfTheSite;
      },
    });
    for (const address of [url, `${url}/lobby`]) {
      const all = await findings(address);
      assert.deepEqual(faultsOf(all), []);
      assert.match(sentence(all, 'untried', 'state'), /answered by 200, and not by Parlor/);
      assert.match(sentence(all, 'ok', 'own address'), /The server knows/);
    }
    const closed = await startServer({ FEED: 'members' });
    t.after(() => closed.close());
    const members = await faultyProxy(t, closed.url, {
      instead: ({ url: path = '' }, response) => {
        if (path === '/livez') response.writeHead(302, { location: '/login' }).end();
        return path === '/livez';
      },
    });
    assert.deepEqual(faultsOf(await findings(members)), []);
  });

  it('says so of a server whose API alone does not come through', async (t) => {
    const url = await behind(t, {
      instead: ({ url: path = '' }, response) => {
        const isHit = path.startsWith('/v1/');
        if (isHit) response.writeHead(404, { 'content-type': 'text/html' }).end();
        return isHit;
      },
    });
    assert.match(sentence(await findings(`${url}/lobby`), 'problem', 'room'), /API is answered by 404/);
  });

  it('leads to the server where it is not below the path that was given', async () => {
    const all = await findings(`${shared.url}/chat/lobby`);
    assert.deepEqual(faultsOf(all), ['problem address']);
    assert.equal(all.at(-1)?.seen, `There is a Parlor at ${shared.url}, and none below /chat.`);
    assert.ok(all.at(-1)?.advice?.startsWith(`Give the address ${shared.url}/lobby,`));
  });

  it('finds a cache, with and without Age', async (t) => {
    const kept = new Map<string, { status: number; headers: http.IncomingHttpHeaders; body: Buffer }>();
    for (const withAge of [true, false]) {
      const proxy = passOn(shared.url);
      const url = await listening(
        t,
        http.createServer(async (request, response) => {
          const { method, url: path = '' } = request;
          if (method !== 'GET' || path.includes('/feed')) return proxy(request, response);
          const hit = kept.get(path);
          const answer = hit ?? (await fetched(shared.url + path, request.headers));
          kept.set(path, answer);
          response.writeHead(answer.status, { ...answer.headers, ...(hit && withAge && { age: '7' }) });
          response.end(answer.body);
        }),
      );
      const all = await findings(`${url}/lobby`);
      assert.match(
        sentence(all, 'problem', 'caching'),
        withAge ? /came twice, "7" s old/ : /came twice: something/,
      );
      kept.clear();
    }
  });

  it('finds a clock that is wrong', async (t) => {
    const shifted = (ms: number): Faults => ({
      head: (headers) => {
        headers.date = new Date(Date.now() + ms).toUTCString();
      },
    });
    const ahead = await findings(await behind(t, shifted(600_000)));
    assert.match(sentence(ahead, 'problem', 'clock'), /^Its answers are (?:599|60\d) s ahead of/);
    const behindBy = await findings(await behind(t, shifted(-30_000)));
    assert.match(sentence(behindBy, 'warning', 'clock'), /s behind the clock here/);
  });

  it('finds refusals that are replaced, methods and sizes that are not let through', async (t) => {
    const html = { 'content-type': 'text/html' };
    const faults: Record<string, [Faults, RegExp]> = {
      errors: [
        {
          instead: ({ method, url = '' }, response) => {
            const isHit = method === 'GET' && url.endsWith('/session');
            if (isHit) response.writeHead(401, html).end('<h1>401</h1>');
            return isHit;
          },
        },
        /A refused GET should say why in JSON; got 401 with "text\/html"/,
      ],
      methods: [
        {
          instead: ({ method }, response) => {
            if (method === 'DELETE') response.writeHead(405, html).end();
            return method === 'DELETE';
          },
        },
        /A refused DELETE should/,
      ],
      sizes: [
        {
          instead: ({ headers }, response) => {
            const isLarge = Number(headers['content-length']) > 8192;
            if (isLarge) response.writeHead(413, html).end();
            return isLarge;
          },
        },
        /A request with 15 kB in it is answered by 413/,
      ],
    };
    for (const [what, [fault, expected]] of Object.entries(faults)) {
      const all = await findings(await behind(t, fault));
      assert.deepEqual(faultsOf(all), ['problem answers'], what);
      assert.match(sentence(all, 'problem', 'answers'), expected);
    }
  });

  it('finds a Host that is not passed on', async (t) => {
    const url = await behind(t, {
      request: ({ headers }) => {
        headers.host = 'inside.example';
      },
    });
    const all = await findings(url);
    assert.deepEqual(faultsOf(all), ['problem own address']);
    assert.match(sentence(all, 'problem', 'own address'), /for a stranger’s/);
  });

  it('finds what optimisers do to the page', async (t) => {
    const url = await behind(t, {
      head: (headers) => {
        delete headers['content-security-policy'];
      },
    });
    assert.deepEqual(faultsOf(await findings(url)), ['warning page']);
  });

  it('says of a room that is not there only that', async () => {
    assert.deepEqual(faultsOf(await findings(`${shared.url}/nowhere`)), ['problem room']);
  });

  it('says what state the server is in', async (t) => {
    const url = await behind(t, {
      instead: ({ url: path }, response) => {
        const isHit = path === '/readyz';
        if (isHit) response.writeHead(503).end('{"status":"ending","store":"away"}');
        return isHit;
      },
    });
    const all = await findings(url);
    assert.match(sentence(all, 'problem', 'state'), /says "ending", and of its store "away"/);
  });
});

describe('parlor doctor and pages of other sites', () => {
  it('tells which may call the API', async () => {
    const origin = 'https://www.example.org';
    assert.deepEqual(faultsOf(await findings(shared.url, { origin })), []);
    const others = await findings(shared.url, { origin: 'https://other.example.org' });
    assert.deepEqual(faultsOf(others), ['warning CORS']);
  });

  it('finds headers of CORS that a proxy adds to, and preflights that it answers itself', async (t) => {
    const twice = await behind(t, {
      head: (headers) => {
        headers['access-control-allow-origin'] = `${headers['access-control-allow-origin']}, *`;
      },
    });
    const origin = 'https://www.example.org';
    assert.match(sentence(await findings(twice, { origin }), 'problem', 'CORS'), /several origins at once/);
    const own = await behind(t, {
      instead: ({ method }, response) => {
        const isHit = method === 'OPTIONS';
        if (isHit) response.writeHead(204, { 'access-control-allow-origin': origin }).end();
        return isHit;
      },
    });
    assert.match(sentence(await findings(own, { origin }), 'problem', 'CORS'), /send it no token/);
  });
});

describe('parlor doctor and cookies', () => {
  const faults: Record<string, [Faults, RegExp]> = {
    'that do not come': [
      {
        head: (headers) => {
          delete headers['set-cookie'];
        },
      },
      /does not come through/,
    ],
    'that do not reach the server': [
      {
        request: ({ headers }) => {
          delete headers.cookie;
        },
      },
      /does not reach the server: it answers 401 "credentials-required"/,
    ],
    'that are changed': [
      {
        head: (headers) => {
          const cookies = headers['set-cookie'];
          if (cookies) headers['set-cookie'] = cookies.map((one) => one.replace('Path=/', 'Path=/chat'));
        },
      },
      /is changed on the way/,
    ],
  };
  for (const [what, [fault, expected]] of Object.entries(faults)) {
    it(`finds cookies ${what}, and leaves no session behind`, async (t) => {
      const name = `Doc ${what}`.slice(0, 30).trim();
      const all = await findings(await behind(t, fault), { name });
      assert.deepEqual(faultsOf(all), ['problem cookie']);
      assert.match(sentence(all, 'problem', 'cookie'), expected);
      // Throws if the name is not free again.
      await (await ApiClient.join(shared.url, name)).destroy();
    });
  }

  it('says why it is not let in', async () => {
    const ada = await ApiClient.join(shared.url, 'Ada');
    const all = await findings(shared.url, { name: 'Ada' });
    await ada.destroy();
    assert.match(sentence(all, 'problem', 'member'), /not let in: "The name Ada is already in use\."/);
  });
});

// They wait for who does not answer.
describe('parlor doctor and what is no Parlor', { concurrency: true }, () => {
  it('says so of whoever else answers', async (t) => {
    const answers: [http.RequestListener, RegExp][] = [
      [
        (_, response) => response.end('hello'),
        /Expected a Parlor server at .*; got the answer 200 with "nothing"/,
      ],
      [(_, response) => response.writeHead(502).end(), /got 502: a proxy answers/],
      [
        (_, response) => response.writeHead(302, { location: 'https://login.example.org/in' }).end(),
        /redirects to https:\/\/login\.example\.org\/in \(302\), where no Parlor is asked/,
      ],
      [
        (_, response) => response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end(),
        /asks for a password of its own/,
      ],
    ];
    for (const [answer, expected] of answers) {
      const all = await findings(await listening(t, http.createServer(answer)));
      assert.deepEqual(faultsOf(all), ['problem address']);
      assert.match(sentence(all, 'problem', 'address'), expected);
    }
  });

  it('says so of nobody, of garbage, and of who never answers', { timeout: 60_000 }, async (t) => {
    const raw = async (answer: (socket: net.Socket) => void) => {
      const sockets = new Set<net.Socket>();
      const server = net.createServer((socket) => {
        sockets.add(socket);
        socket.on('error', () => {});
        answer(socket);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      t.after(() => {
        for (const socket of sockets) socket.destroy();
        server.close();
      });
      return `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`;
    };
    const dripping = (begin: string, drop: string) => (socket: net.Socket) => {
      socket.write(begin);
      const timer = setInterval(() => socket.write(drop), 200);
      socket.on('close', () => clearInterval(timer));
    };
    const endless = (socket: net.Socket) => {
      const pour = () => {
        while (!socket.destroyed && socket.write('x'.repeat(65_536)));
      };
      socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n');
      socket.on('drain', pour);
      pour();
    };
    const cases: [string, RegExp][] = [
      ['http://127.0.0.1:1', /nobody listens there/],
      [await raw((socket) => socket.end('\u001b[2J what?\r\n\r\n')), /no HTTP/],
      [await raw(() => {}), /it does not answer/],
      [await raw(dripping('HTTP/1.1 200 OK\r\n', 'X-Head: x\r\n')), /it does not answer/],
      [await raw(dripping('HTTP/1.1 200 OK\r\n\r\n', '[')), /its answer does not come to an end/],
      [await raw(endless), /got the answer 200 with "text\/plain"/],
      [
        await raw((socket) => socket.end(`HTTP/1.1 200 OK\r\nX-Head: ${'x'.repeat(100_000)}`)),
        /the head of its answer is larger/,
      ],
      [
        await raw((socket) =>
          socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
        ),
        /it hung up without an answer/,
      ],
    ];
    await Promise.all(
      cases.map(async ([url, expected]) => {
        const all = await findings(url);
        assert.deepEqual(faultsOf(all), ['problem address'], String(expected));
        assert.match(sentence(all, 'problem', 'address'), expected);
      }),
    );
  });
});

/** A server of which one answer is `given`, and with it no more than the doctor needs to go on. */
function seeming(
  t: TestContext,
  given: (path: string, response: http.ServerResponse) => void,
): Promise<string> {
  return listening(
    t,
    http.createServer(({ url = '' }, response) => {
      if (url === '/v1/rooms') response.end('{"rooms":[]}');
      else if (url === '/v1/rooms/lobby') response.end('{"name":"lobby","members":0}');
      else given(url, response);
    }),
  );
}

describe('parlor doctor and its own time', { concurrency: true }, () => {
  it('asks no more of a server that has not answered twice', async (t) => {
    let asked = 0;
    const url = await listening(
      t,
      http.createServer(() => asked++),
    );
    const line = new Line(url, { patienceMs: 500 });
    for (const expected of [/does not answer/, /does not answer/, /has stopped answering/]) {
      await assert.rejects(line.elsewhere(line.base).ask('/'), expected);
    }
    assert.ok(asked <= 2);
    // But for what cleans up.
    await assert.rejects(line.ask('/', { isLast: true }), /does not answer/);
  });

  it('says what it has not looked at when its time is over', async (t) => {
    const url = await seeming(t, (path, response) => {
      if (path !== '/lobby') response.end('{}');
    });
    const all = await findings(`${url}/lobby`, {}, 1000);
    assert.deepEqual(faultsOf(all), ['problem time']);
    assert.equal(
      sentence(all, 'problem', 'time'),
      'After 1 s the doctor stops. Looked at: certificate, plain HTTP, state, room; ' +
        'not, or not to the end: page, answers, own address, clock, member.',
    );
  });

  it('leaves the room also then', async (t) => {
    const url = await behind(t, { instead: ({ url: path = '' }) => path.endsWith('/messages') });
    const all = await findings(url, { name: 'Late' }, 1500);
    assert.match(sentence(all, 'problem', 'time'), /not, or not to the end: .*message/);
    assert.deepEqual(faultsOf(all), ['problem time']);
    // Throws if the name is not free again.
    await (await ApiClient.join(shared.url, 'Late')).destroy();
  });

  it('asks a page for few of its files, however many it has', async (t) => {
    let asked = 0;
    const scripts = Array.from({ length: 500 }, (_, count) => `<script src="/assets/${count}.js">`).join('');
    const url = await seeming(t, (path, response) => {
      if (path.startsWith('/assets/')) asked++;
      response.setHeader('content-type', path.startsWith('/assets/') ? 'text/javascript' : 'text/html');
      response.end(path === '/lobby' ? `<html data-room="lobby">${scripts}` : '{}');
    });
    await findings(`${url}/lobby`);
    assert.equal(asked, 20);
  });

  it('reads a page once, whatever is in it', async (t) => {
    const url = await seeming(t, (path, response) => {
      response.end(path === '/lobby' ? '<html'.repeat(50_000) : '{}');
    });
    const before = process.cpuUsage();
    assert.match(sentence(await findings(`${url}/lobby`), 'warning', 'page'), /There is no page/);
    // From each of them to the end it would be many times that.
    assert.ok(process.cpuUsage(before).user < 3_000_000);
  });
});

async function fetched(url: string, headers: http.IncomingHttpHeaders) {
  const asked = http.get(url, { headers, agent: false });
  const [answer] = await new Promise<[http.IncomingMessage]>((resolve, reject) => {
    asked.on('response', (message) => resolve([message]));
    asked.on('error', reject);
  });
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(part);
  return { status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts) };
}
