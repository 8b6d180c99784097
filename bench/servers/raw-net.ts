/**
 * Baseline: what the kernel and libuv cost. Sockets, one shared Buffer per write, nothing of HTTP but what the bytes look
 * like; no sessions, no store. With the argument `gathering` what was published in a turn of the event loop leaves in
 * one write per socket, without it each message leaves by itself.
 *
 * `FAULT` makes it do something wrong once, to show that the load generator notices: to one stream (`drop`, `double`,
 * `reorder`, `alter`, `cut`) or to all of them (`lose`, `repeat`).
 */

import { createServer, type Socket } from 'node:net';
import { listen } from './listen.ts';

const streamHead =
  'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\nTransfer-Encoding: chunked\r\n\r\n';
const accepted = Buffer.from('HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n');
const isGathering = process.argv.includes('gathering');
const fault = process.env.FAULT ?? '';
// The fault comes late enough that the proof has begun.
const faultAfter = 10;

const streams = new Set<Socket>();
let pending: string[] = [];
let isScheduled = false;
let id = 0;
let held: Buffer | undefined;
let hasErred = false;

listen(
  createServer({ noDelay: true }, (socket) => {
    let text = '';
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      if (text.startsWith('GET ') && text.endsWith('\r\n\r\n')) {
        text = '';
        socket.write(streamHead);
        streams.add(socket);
      } else if (text.startsWith('POST ')) {
        const split = text.indexOf('\r\n\r\n');
        const length = Number(/\r\nContent-Length: (\d+)/.exec(text)?.[1]);
        if (split < 0 || text.length < split + 4 + length) return;
        publish(text.slice(split + 4));
        text = '';
        socket.write(accepted);
      }
    });
    socket.on('error', () => {});
    socket.on('close', () => streams.delete(socket));
  }),
);

function publish(message: string): void {
  const number = ++id;
  if (fault === 'lose' && number === faultAfter) return;
  for (let times = fault === 'repeat' && number === faultAfter ? 2 : 1; times > 0; times--) {
    pending.push(`id: ${number}\ndata: ${message}\n\n`);
  }
  if (!isGathering) pass();
  if (!isGathering || isScheduled) return;
  isScheduled = true;
  setImmediate(pass);
}

function pass(): void {
  isScheduled = false;
  const text = pending.join('');
  pending = [];
  const chunk = Buffer.from(`${text.length.toString(16)}\r\n${text}\r\n`, 'latin1');
  const [victim] = fault === '' || id < faultAfter ? [] : streams;
  for (const socket of streams) {
    if (socket === victim) mistreat(socket, chunk);
    else socket.write(chunk);
  }
}

/** What comes before the `faultAfter`th message and after the fault goes to this stream like to the others. */
function mistreat(socket: Socket, chunk: Buffer): void {
  // Several messages may be one write: the fault comes with the first that is late enough.
  const isNow = !hasErred;
  hasErred = true;
  if (fault === 'drop' && isNow) return;
  if (fault === 'reorder' && isNow) {
    held = chunk;
    return;
  }
  if (fault === 'cut' && isNow) {
    socket.destroy();
    return;
  }
  if (fault === 'alter' && isNow) {
    const altered = Buffer.from(chunk);
    altered.write('y', altered.length - '\n\n\r\n'.length - 1);
    socket.write(altered);
    return;
  }
  socket.write(chunk);
  if (fault === 'double' && isNow) socket.write(chunk);
  if (held) socket.write(held);
  held = undefined;
}
