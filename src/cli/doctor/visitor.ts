/** As whom the doctor goes in, where it may. */

import { type Entry, entryFor } from '../chat/entry.ts';
import { memberOf } from '../chat/json.ts';
import type { Deadline } from './deadline.ts';
import { type Finding, findingsOf } from './finding.ts';
import { jsonIn } from './line.ts';
import type { Server } from './server.ts';
import { isThisMachine } from './this-machine.ts';

/** With what to go in: with a name or a token it does. */
export interface Entering {
  readonly name?: string | undefined;
  readonly token?: string | undefined;
  readonly adminToken?: string | undefined;
  /** Passwords and tokens are sent without TLS, too, also beyond this machine. */
  readonly mayBeRead?: boolean | undefined;
}

/** As whom: `token` judges instead of a password. */
export interface Visitor extends Pick<Entry, 'name' | 'password'> {
  readonly token: string | undefined;
  /** Of the operator, who alone is told addresses. */
  readonly adminToken: string | undefined;
}

/** Of what only who goes in can look at. */
export const howToGoIn =
  'Give --name NAME or --token-file PATH: the doctor then goes in, says one line and leaves.';

/** @returns a finding, if nobody goes in: why not */
export async function visitorFor(
  server: Server,
  { name, token, adminToken, mayBeRead = false }: Entering,
  deadline: Deadline,
): Promise<{ readonly visitor: Visitor } | { readonly finding: Finding }> {
  const { line, room, isElsewhere } = server;
  const { untried, warning } = findingsOf('member');
  if (name === undefined && token === undefined)
    return { finding: untried('Cookies and messages were not tried.', howToGoIn) };
  if (isElsewhere) {
    return {
      finding: untried(
        'Nobody goes in where a redirect leads to another host: it would get the password or the token.',
        'Give the doctor the address that it leads to, if that is yours.',
      ),
    };
  }
  if (!line.isTrusted) {
    return {
      finding: untried(
        'Nobody goes in where the certificate is not trusted.',
        'Mend the certificate, as said above, and call again.',
      ),
    };
  }
  const { protocol, hostname } = new URL(line.base);
  const isPrivate = mayBeRead || protocol === 'https:' || isThisMachine(hostname);
  const kept = (what: string) => ({
    finding: warning(
      `Nobody goes in: without TLS everybody on the way would read ${what}.`,
      'Call it by https://, or from its own machine; where only your own network is on the way, --plain-http sends it nevertheless.',
    ),
  });
  if (!isPrivate && (token ?? adminToken) !== undefined) return kept('the token');
  if (token !== undefined) return { visitor: { name, password: undefined, token, adminToken } };
  const takes = memberOf(jsonIn(await line.ask(`/v1/rooms/${room}/login`)), 'takes');
  const login = {
    takes: Array.isArray(takes) ? takes.filter((way) => typeof way === 'string') : ['anything'],
    given: false,
    maxNameLength: 0,
  };
  const given = process.env.PARLOR_PASSWORD || undefined;
  // As `entryFor` has it, which then asks for it.
  const isAskedFor =
    login.takes.includes('password') && !login.takes.some((way) => way === 'name' || way === 'anything');
  if (!isPrivate && (given !== undefined || isAskedFor)) return kept('the password');
  // Who is asked takes his time.
  const entry = await deadline.pauseFor(() => entryFor(login, name, false, `${line.base}/${room}`));
  const password = entry.password ?? given;
  return { visitor: { name: entry.name, password, token, adminToken } };
}
