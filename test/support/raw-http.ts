/** HTTP as bytes over a socket, for what no client would send. */

import { once } from 'node:events';
import net from 'node:net';

export interface RawAnswer {
  readonly status: number;
  /** The status line and the headers, as they came. */
  readonly head: string;
  readonly headers: Headers;
  /** Parsed if it is JSON. */
  readonly body: unknown;
  readonly text: string;
}

/** Sends bytes and reads until the server closes the connection, as it does after `Connection: close`. */
export async function exchange(port: number, ...bytes: (string | Uint8Array)[]): Promise<RawAnswer> {
  const socket = await connect(port);
  for (const part of bytes) socket.write(part);
  return parseAnswer(await readAll(socket));
}

export async function connect(port: number): Promise<net.Socket> {
  const socket = net.connect(port, '127.0.0.1');
  // A connection that the server cuts is an answer too.
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** Everything that comes until the connection is closed. */
export async function readAll(socket: net.Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  if (!socket.closed) await once(socket, 'close');
  return Buffer.concat(chunks).toString();
}

/** What comes until it matches `pattern`. */
export async function readUntil(socket: net.Socket, pattern: RegExp): Promise<string> {
  let text = '';
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    text += chunk;
    if (pattern.test(text)) return text;
  }
  throw new Error(`The connection was closed before ${pattern} came; got ${JSON.stringify(text)}.`);
}

/** The last answer in what came: those before it are interim or of earlier requests. */
export function parseAnswer(bytes: string): RawAnswer {
  const start = bytes.lastIndexOf('HTTP/1.1 ');
  const split = bytes.indexOf('\r\n\r\n', start);
  if (start < 0 || split < 0) throw new Error(`This is no answer: ${JSON.stringify(bytes)}.`);
  const head = bytes.slice(start, split);
  const text = bytes.slice(split + 4);
  const headers = new Headers();
  for (const line of head.split('\r\n').slice(1)) {
    const colon = line.indexOf(':');
    headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  const isJson = /json/.test(headers.get('content-type') ?? '') && text !== '';
  return {
    status: Number(head.split(' ')[1]),
    head,
    headers,
    body: isJson ? JSON.parse(text) : text,
    text,
  };
}
