/** A cookie: whether it comes, and goes back, as it was given. */

import { randomUUID } from 'node:crypto';
import { type Finding, findingsOf, said } from './finding.ts';
import { codeOf } from './line.ts';
import { createOrUndo, notLetIn, undo, type Visit } from './visit.ts';

/** A session that nobody sees, by cookie, as a browser has it. */
export async function checkCookie(visit: Visit): Promise<Finding[]> {
  const { line } = visit.server;
  const { ok, problem } = findingsOf('cookie');
  const key = randomUUID();
  const created = await createOrUndo(visit, 'cookie', key);
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
    if (!isLeft) await undo(visit, key);
  }
}
