/** A request whose answer its client never hears: the connection is reset after, or while, it was made. */

import { connect } from 'node:net';
import type { CallRequest } from './http-call.ts';

/** When the connection is reset. */
export type Hearing =
  | 'cut once written'
  | 'cut before the last byte is written'
  | 'cut in a moment'
  | 'cut when the answer begins';

// An answer that does not begin by then is cut off all the same.
const boundMs = 10_000;

/**
 * Sends and goes deaf; resolves once the connection is closed, whatever the server made of it.
 * @param waitMs how long a moment is
 */
export function sendUnheard(
  { method, url, headers = {}, body }: Pick<CallRequest, 'method' | 'url' | 'headers' | 'body'>,
  hearing: Hearing,
  waitMs: number,
): Promise<void> {
  const { hostname, port, pathname, host } = new URL(url);
  const text = JSON.stringify(body);
  const lines = Object.entries({
    host,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(text)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`);
  const bytes = Buffer.from([`${method} ${pathname} HTTP/1.1`, ...lines, '', text].join('\r\n'));
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    const cut = () => socket.resetAndDestroy();
    const bound = setTimeout(cut, boundMs);
    socket.on('error', () => {});
    socket.once('close', () => {
      clearTimeout(bound);
      resolve();
    });
    if (hearing === 'cut when the answer begins') socket.once('data', cut);
    const part = hearing === 'cut before the last byte is written' ? bytes.subarray(0, -1) : bytes;
    socket.write(part, () => {
      if (hearing === 'cut in a moment') setTimeout(cut, waitMs);
      else if (hearing !== 'cut when the answer begins') cut();
    });
  });
}
