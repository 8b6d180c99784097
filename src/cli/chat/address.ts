/** Where a room is, as somebody has it: the address of its page, or a part of it. */

import { isIP } from 'node:net';
import { quote } from '../../core/quote.ts';
import { UsageError } from '../failure.ts';

export interface Address {
  /** The server's, without a slash at the end. */
  readonly url: string;
  /** Undefined: the server's front room. */
  readonly room: string | undefined;
}

const scheme = /^([a-z][a-z0-9+.-]*):\/\//i;
/** Other addresses of a room that may have been copied: of its API, and of its plain page. */
const roomPath = /^(.*?)\/(?:v1\/rooms\/|plain\/)?([^/]*)(?:\/(?:session|feed|history)(?:\/.*)?)?$/;

/** @throws UsageError that says what was expected and what came */
export function addressOf(text: string): Address {
  const url = webAddress(
    text,
    'Expected the address of a room, such as https://chat.example.org/lobby',
    ': a name is --name',
  );
  const path = url.pathname.replace(/\/+$/, '');
  const [, prefix = '', room = ''] = roomPath.exec(path) ?? [];
  return { url: url.origin + prefix, room: room === '' ? undefined : decoded(room) };
}

/**
 * An address as people type it, with or without a scheme.
 *
 * @param expected how errors begin
 * @param instead what to give instead of a name or password in it
 * @throws UsageError that says what was expected and what came
 */
export function webAddress(text: string, expected: string, instead: string): URL {
  const given = scheme.exec(text)?.[1]?.toLowerCase();
  if (given !== undefined && given !== 'http' && given !== 'https') {
    throw new UsageError(`${expected}; got ${quote(text)}, which begins with ${given}:.`);
  }
  const whole = given === undefined ? `http://${text}` : text;
  if (!URL.canParse(whole) || text.trim() !== text) throw new UsageError(`${expected}; got ${quote(text)}.`);
  const url = new URL(whole);
  if (url.username !== '' || url.password !== '') {
    // A password in it would stand in the list of processes and in the shell's history; so it is not repeated.
    throw new UsageError(`${expected}, without a name or password in it${instead}.`);
  }
  if (given === undefined && !isSpokenPlainly(url)) url.protocol = 'https:';
  return url;
}

/** Who gives no scheme means http on his own machine and network, or where a port is named; else https. */
function isSpokenPlainly({ hostname, port }: URL): boolean {
  if (port === '443') return false;
  const isAddress = isIP(hostname.replace(/^\[|\]$/g, '')) !== 0;
  return port !== '' || isAddress || !hostname.includes('.') || /\.(?:local|localhost)$/.test(hostname);
}

function decoded(room: string): string {
  try {
    return decodeURIComponent(room);
  } catch {
    return room;
  }
}
