import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ApiClient } from '../support/api-client.ts';
import { adminToken, type WatchedServer, watchedServer } from './support/watched-server.ts';

const friend = 'https://friend.example';

/** Everything that matters about where a request comes from, and what it carries. */
interface Asked {
  readonly target: Target;
  readonly type: string | undefined;
  readonly origin: string | undefined;
  readonly site: string | undefined;
  readonly credential: (typeof credentials)[number];
}

interface Target {
  readonly method: string;
  readonly path: string;
  /** Whether docs/api.md says that it changes something, or is `getUpdates` or `subscribe`. */
  readonly isGuarded: boolean;
  readonly isForm?: boolean;
  /** What is sent, as each type of content has it. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Which answers let somebody in: with a session, or without one. */
  readonly inside: number;
  readonly outside: number;
}

const room = '/v1/rooms/lobby';
const message = { message: 'from elsewhere' };
const name = { name: 'Newcomer' };
const targets: readonly Target[] = [
  { method: 'POST', path: `${room}/session`, isGuarded: true, fields: name, inside: 201, outside: 201 },
  { method: 'DELETE', path: `${room}/session`, isGuarded: true, inside: 204, outside: 401 },
  { method: 'POST', path: `${room}/session/ping`, isGuarded: true, inside: 204, outside: 401 },
  {
    method: 'POST',
    path: `${room}/session/messages`,
    isGuarded: true,
    fields: message,
    inside: 201,
    outside: 401,
  },
  { method: 'HEAD', path: `${room}/session/events`, isGuarded: true, inside: 200, outside: 401 },
  { method: 'GET', path: `${room}/session`, isGuarded: false, inside: 200, outside: 401 },
  { method: 'GET', path: `${room}/session/updates`, isGuarded: true, inside: 200, outside: 401 },
  { method: 'GET', path: `${room}/history`, isGuarded: false, inside: 200, outside: 200 },
  { method: 'OPTIONS', path: `${room}/session`, isGuarded: false, inside: 204, outside: 204 },
  { method: 'PUT', path: `${room}/session`, isGuarded: false, inside: 405, outside: 405 },
  { method: 'PATCH', path: `${room}/session/messages`, isGuarded: false, inside: 405, outside: 405 },
  {
    method: 'POST',
    path: '/plain/lobby/join',
    isGuarded: true,
    isForm: true,
    fields: name,
    inside: 303,
    outside: 303,
  },
  {
    method: 'POST',
    path: '/plain/lobby/send',
    isGuarded: true,
    isForm: true,
    fields: message,
    inside: 303,
    outside: 403,
  },
  { method: 'POST', path: '/plain/lobby/leave', isGuarded: true, isForm: true, inside: 303, outside: 303 },
  { method: 'GET', path: '/plain/lobby/leave', isGuarded: false, isForm: true, inside: 303, outside: 303 },
];

const types = [
  undefined,
  'application/json',
  'application/x-www-form-urlencoded',
  'text/plain',
  'multipart/form-data; boundary=x',
] as const;
const credentials = ['none', 'cookie', 'bearer'] as const;
const sites = [undefined, 'same-origin', 'same-site', 'cross-site', 'none', 'Same-Origin', ''] as const;
/** With HOST for the server's own host and port. */
const origins = [
  undefined,
  'http://HOST',
  'https://HOST',
  friend,
  'https://evil.example',
  'null',
  '',
  'http://HOST.evil.example',
  'http://127.0.0.1:1',
] as const;

/** Who may, by docs/api.md and nothing else. */
function mayAct({ target, origin, site, credential }: Asked): boolean {
  // What changes something, `getUpdates` and `subscribe` must come from a page of the same origin …
  if (!target.isGuarded) return true;
  // … unless it carries a bearer token; forms of the plain pages are sent by pages alone.
  if (credential === 'bearer' && !target.isForm) return true;
  // Programs, which send neither header, are not affected.
  if (site === undefined && origin === undefined) return true;
  // What the browser says itself, which no page can forge.
  if (site === 'same-origin' || site === 'none') return true;
  // ALLOWED_ORIGINS names others; a proxy that is not known may have taken the TLS off.
  return [friend, 'http://HOST', 'https://HOST'].includes(origin ?? '');
}

/** The body in a type of content, and whether this type is read here. */
function bodyOf({ target, type }: Asked): { readonly body: string | undefined; readonly isRead: boolean } {
  const { fields = {}, method, path } = target;
  if (method === 'GET' || method === 'HEAD' || type === undefined) return { body: undefined, isRead: true };
  const isMessage = path.endsWith('/messages');
  switch (type) {
    case 'application/json':
      return { body: JSON.stringify(fields), isRead: true };
    case 'application/x-www-form-urlencoded':
      return { body: new URLSearchParams(fields).toString(), isRead: true };
    case 'text/plain':
      return { body: isMessage ? message.message : '{}', isRead: isMessage };
    default:
      return { body: '--x\r\n\r\n--x--\r\n', isRead: false };
  }
}

/** What the server must answer. */
function expectedOf(asked: Asked): number {
  const { target, type, credential } = asked;
  const { isRead } = bodyOf(asked);
  const isInside = credential !== 'none';
  const hasBody = !['GET', 'HEAD'].includes(target.method);
  if (target.inside === 405) return 405;
  if (!mayAct(asked)) return 403;
  // Whose session it is, is looked at before the body is read, but for what is typed into a form, which is shown again.
  const asksFirst = target.outside === 401 || target.path.endsWith('/leave');
  if (!isInside && asksFirst) return target.outside;
  if (hasBody && !isRead) return 415;
  if (type === undefined && hasBody && target.fields !== undefined) return 400;
  return isInside ? target.inside : target.outside;
}

let server: WatchedServer;
before(async () => {
  server = await watchedServer({ ALLOWED_ORIGINS: friend });
  await ApiClient.join(server.url, 'Adalwolf', { room: 'other' });
});
after(() => server.close());

/** Somebody inside, who is let in anew whenever he has left. */
class Member {
  token = '';

  async renew(): Promise<void> {
    for (const { sessionId, room: where } of (await server.state()).sessions) {
      if (where !== 'lobby') continue;
      await server.ask({
        method: 'DELETE',
        path: `/v1/admin/sessions/${sessionId}`,
        headers: { authorization: `Bearer ${adminToken}` },
      });
    }
    this.token = (await ApiClient.join(server.url, 'Bertrada')).token ?? '';
  }
}

for (const target of targets) {
  test(`${target.method} ${target.path} acts for nobody else’s page`, async (t) => {
    const member = new Member();
    await member.renew();
    const host = `127.0.0.1:${server.port}`;
    const counts = { asked: 0, refused: 0, acted: 0 };
    let [state, changes] = [await server.state(), server.changes()];
    for (const type of types) {
      for (const origin of origins) {
        for (const site of sites) {
          for (const credential of credentials) {
            const asked: Asked = { target, type, origin, site, credential };
            const { body } = bodyOf(asked);
            const { status, text } = await server.ask({
              method: target.method,
              path: target.path,
              headers: {
                host,
                ...(origin === undefined ? {} : { origin: origin.replace('HOST', host) }),
                ...(site === undefined ? {} : { 'sec-fetch-site': site }),
                ...(type === undefined || body === undefined ? {} : { 'content-type': type }),
                ...(credential === 'bearer' ? { authorization: `Bearer ${member.token}` } : {}),
                ...(credential === 'cookie' ? { cookie: `parlor-lobby=${member.token}` } : {}),
              },
              body,
            });
            const what = JSON.stringify({ type, origin, site, credential });
            counts.asked++;
            assert.equal(status, expectedOf(asked), `${what}: ${text}`);
            if (!mayAct(asked)) {
              counts.refused++;
              assert.equal(server.changes(), changes, what);
            } else if (server.changes() !== changes) {
              counts.acted++;
              await member.renew();
              [state, changes] = [await server.state(), server.changes()];
            }
          }
        }
      }
      // Nothing since the last act of somebody who may, but signs of life of the member.
      assert.deepEqual(withoutTimes(await server.state()), withoutTimes(state));
    }
    const all = types.length * origins.length * sites.length * credentials.length;
    assert.equal(counts.asked, all);
    const guarded = all / (target.isForm ? 1 : 3 / 2);
    assert.equal(counts.refused, target.isGuarded ? guarded * refusedShare() : 0);
    t.diagnostic(`${counts.asked} requests: ${counts.refused} refused with 0 effects, ${counts.acted} acts`);
  });
}

/** Of the pairs of an origin and a site, those that are foreign: counted by hand, not by the oracle. */
function refusedShare(): number {
  // `same-origin` and `none` are own. Of the five others, own are three origins, and without an origin the missing site.
  const foreign = 5 * (origins.length - 3) - 1;
  return foreign / (origins.length * sites.length);
}

function withoutTimes(state: unknown): unknown {
  return JSON.parse(JSON.stringify(state).replaceAll(/"last(In|Out)bound":\d+/g, '"last":0'));
}
