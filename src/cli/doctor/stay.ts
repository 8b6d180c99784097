/** A stay in the room as a member, who says one line, and leaves nothing behind. */

import { randomUUID } from 'node:crypto';
import type { Entry } from '../chat/entry.ts';
import { memberOf } from '../chat/json.ts';
import { beforeSignalsAsync } from '../chat/signals.ts';
import { clockFinding, codeOf } from './answers-check.ts';
import { checkAddress, forgedAddress } from './client-address.ts';
import { type Finding, findingsOf, said } from './finding.ts';
import { type Answer, headerOf, jsonIn } from './line.ts';
import { LiveStream } from './live-stream.ts';
import type { Server } from './server.ts';
import { beginning, promptMs, unbuffer, watchQuiet } from './stream-check.ts';

/** As whom: `token` judges instead of a password. */
export interface Visitor extends Pick<Entry, 'name' | 'password'> {
  readonly token: string | undefined;
  /** Of the operator, who alone is told addresses. */
  readonly adminToken: string | undefined;
}

const saying = 'parlor doctor tries whether messages arrive.';
/** The longest that a poll may wait. */
const maxPollSeconds = 25;

interface Visit {
  readonly server: Server;
  readonly session: string;
  readonly visitor: Visitor;
}

/** @param long how many seconds to watch a quiet stream as well */
export async function stay(server: Server, visitor: Visitor, long: number | undefined): Promise<Finding[]> {
  const visit = { server, session: `/v1/rooms/${server.room}/session`, visitor };
  const cookie = await checkCookie(visit);
  if (cookie.some(({ check }) => check === 'member')) return cookie;
  return [...cookie, ...(await talk(visit, long))];
}

function create(
  { server: { line }, session, visitor }: Visit,
  credential: string,
  key: string,
): Promise<Answer> {
  const { name, password, token, adminToken } = visitor;
  return line.ask(session, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'Idempotency-Key': key,
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
      ...(adminToken !== undefined && { 'X-Forwarded-For': forgedAddress }),
    },
    // Nobody in the room sees a push session before its stream.
    body: JSON.stringify({ name, password, delivery: 'push', credential }),
  });
}

function notLetIn(answer: Answer): Finding {
  const detail = memberOf(jsonIn(answer), 'detail');
  const words = typeof detail === 'string' ? said(detail) : `${answer.status}`;
  return findingsOf('member').problem(
    `The doctor is not let in: ${words}.`,
    'Give --name another name, PARLOR_PASSWORD the password, or --token-file a token.',
  );
}

/** A session that nobody sees, by cookie, as a browser has it. */
async function checkCookie(visit: Visit): Promise<Finding[]> {
  const { line } = visit.server;
  const { ok, problem } = findingsOf('cookie');
  const key = randomUUID();
  const created = await create(visit, 'cookie', key);
  if (created.status !== 201) return [notLetIn(created)];
  const given = created.headers['set-cookie'] ?? [];
  const [, name = '', value = '', attributes = ''] =
    given
      .map((one) => /^((?:__Host-)?parlor-[^=]+)=([^;]+)(.*)$/.exec(one))
      .find((match) => match !== null) ?? [];
  let isLeft = false;
  try {
    const isSecure = line.base.startsWith('https:');
    const proxies = 'docs/proxies.md';
    if (value === '') {
      return [
        problem(
          'The cookie of a session does not come through: nobody can join by browser.',
          `Have the proxy pass Set-Cookie on (${proxies}).`,
        ),
      ];
    }
    const headers = { Cookie: `${name}=${value}` };
    const held = await line.ask(visit.session, { headers });
    isLeft = (await line.ask(visit.session, { method: 'DELETE', headers })).status === 204;
    if (isSecure && (!name.startsWith('__Host-') || !/; *Secure/i.test(attributes))) {
      return [
        problem(
          'The cookie lacks __Host- and Secure: the server does not know that it is asked by https.',
          `Have the proxy send “X-Forwarded-Proto: https”, and put it in TRUST_PROXY (${proxies}).`,
        ),
      ];
    }
    if (
      !/; *HttpOnly/i.test(attributes) ||
      !/; *Path=\/(?:;|$)/i.test(attributes) ||
      !/; *SameSite=Lax/i.test(attributes)
    ) {
      return [
        problem(
          `The cookie is changed on the way; it came with ${said(attributes)}.`,
          `Have the proxy leave Set-Cookie as it is (${proxies}).`,
        ),
      ];
    }
    if (held.status !== 200) {
      return [
        problem(
          `The cookie does not reach the server: it answers ${held.status} ${said(codeOf(held) ?? '')}.`,
          `Have the proxy pass Cookie on (${proxies}).`,
        ),
      ];
    }
    return [ok(`The cookie comes and goes as it should${isSecure ? ', with __Host- and Secure' : ''}.`)];
  } finally {
    // The same key gives the same session, and its token this time.
    if (!isLeft) await leave(visit, tokenIn(await create(visit, 'bearer', key).catch(() => undefined)));
  }
}

function tokenIn(answer: Answer | undefined): string | undefined {
  const token = answer && memberOf(jsonIn(answer), 'token');
  return typeof token === 'string' && /^[\w.~+/=-]{1,4096}$/.test(token) ? token : undefined;
}

async function leave({ server: { line }, session }: Visit, token: string | undefined): Promise<boolean> {
  if (token === undefined) return false;
  const headers = { Authorization: `Bearer ${token}` };
  const answer = await line.ask(session, { method: 'DELETE', headers }).catch(() => undefined);
  return answer?.status === 204 || answer?.status === 410;
}

/** In the room for as long as it takes: a stream, a message, and the way out. */
async function talk(visit: Visit, long: number | undefined): Promise<Finding[]> {
  const { server, session } = visit;
  const { line, usualMs } = server;
  const key = randomUUID();
  const created = await create(visit, 'bearer', key);
  const token = tokenIn(created);
  if (token === undefined) return [notLetIn(created)];
  const release = beforeSignalsAsync(async () => {
    await leave(visit, token);
  });
  const headers = { Authorization: `Bearer ${token}` };
  const stream = new LiveStream(line, `${session}/events`, headers);
  const findings: Finding[] = [];
  const { adminToken } = visit.visitor;
  try {
    if (adminToken !== undefined)
      findings.push(...(await checkAddress(line, adminToken, server.room ?? '', created)));
    findings.push(...(await beginning(stream, usualMs)));
    if (stream.end === undefined && stream.status === 200) {
      findings.push(...(await say(visit, stream, headers)));
      if (long !== undefined) {
        findings.push(...(await watchQuiet(stream, long)), ...(await checkPoll(visit, headers, long)));
      }
    }
  } finally {
    const isLeft = await leave(visit, token);
    if (!isLeft)
      findings.push(
        findingsOf('member').warning(
          'The doctor could not leave: its session ends by itself, after SESSION_TIMEOUT.',
        ),
      );
    stream.close();
    release();
  }
  return findings;
}

/** Whether a message arrives alone, and not with what comes after it. */
async function say(
  { server, session }: Visit,
  stream: LiveStream,
  headers: Record<string, string>,
): Promise<Finding[]> {
  const { ok, problem, untried } = findingsOf('message');
  const before = Date.now();
  const began = performance.now();
  const sent = await server.line.ask(`${session}/messages`, {
    method: 'POST',
    headers: { ...headers, 'Content-Type': 'application/json' },
    body: JSON.stringify({ message: saying }),
  });
  const here = (before + Date.now()) / 2;
  const body = jsonIn(sent);
  const [id, timestamp] = [memberOf(body, 'id'), memberOf(body, 'timestamp')];
  if (sent.status !== 201 || typeof id !== 'number') {
    // Before its stream has come it is not in the room.
    if (codeOf(sent) === 'not-joined')
      return [untried('Nothing could be said: the stream has not come that far.')];
    return [problem(`A message is refused: ${sent.status} ${said(String(memberOf(body, 'detail')))}.`)];
  }
  const clock = clockFinding(Number(timestamp), here, 'The times of its events');
  const findings = clock.level === 'ok' ? [] : [clock];
  const hasCome = () => stream.events.some((event) => memberOf(parsed(event.data), 'id') === id);
  if (await stream.until(hasCome, promptMs + server.usualMs)) {
    return [
      ok(`A message was back on the stream in ${Math.round(performance.now() - began)} ms.`),
      ...findings,
    ];
  }
  return [
    problem(
      `A message was taken, and had not come by the stream ${promptMs / 1000} s later: it waits on the way for more.`,
      unbuffer,
    ),
    ...findings,
  ];
}

function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}

/** A poll that waits as long as clients let it. */
async function checkPoll(
  { server, session }: Visit,
  headers: Record<string, string>,
  long: number,
): Promise<Finding[]> {
  const { ok, problem, warning } = findingsOf('waiting poll');
  const seconds = Math.min(maxPollSeconds, Math.ceil(long));
  const life = new AbortController();
  const timer = setTimeout(() => life.abort(new DOMException('late', 'TimeoutError')), (seconds + 10) * 1000);
  const began = performance.now();
  try {
    // Where it stands, so that only news end the waiting.
    const at = await server.line.ask(`${session}/users`, { headers });
    const cursor = String(memberOf(jsonIn(at), 'cursor'));
    const answer = await server.line.ask(
      `${session}/updates?wait=${seconds}&after=${encodeURIComponent(cursor)}`,
      { headers, life },
    );
    const ms = Math.round(performance.now() - began);
    if (answer.status === 200)
      return [ok(`A poll that waits was answered after ${(ms / 1000).toFixed(1)} s.`)];
    const words = codeOf(answer) ?? headerOf(answer, 'content-type');
    return [
      (codeOf(answer) === undefined ? problem : warning)(
        `A poll that was to wait ${seconds} s was answered by ${answer.status} ${said(words)} after ${(ms / 1000).toFixed(1)} s.`,
        'Have the proxy wait 75 s for an answer (docs/proxies.md).',
      ),
    ];
  } catch {
    const ms = Math.round(performance.now() - began);
    return [
      problem(
        `A poll that was to wait ${seconds} s was cut off after ${(ms / 1000).toFixed(1)} s.`,
        'Have the proxy wait 75 s for an answer (docs/proxies.md).',
      ),
    ];
  } finally {
    clearTimeout(timer);
  }
}
