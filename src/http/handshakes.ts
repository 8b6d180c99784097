/**
 * The connections to a TLS server over which nobody can speak yet. Node tells of connections as they are accepted and as they
 * are secure, but not which of the former has become which of the latter: so they are known by the client's address and port.
 */

import type { Server as HttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { codeOf } from '../core/errors.ts';

const said = 'This port speaks HTTPS: begin the address with https://\n';
const answer =
  'HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\n' +
  `Content-Length: ${said.length}\r\nConnection: close\r\nX-Content-Type-Options: nosniff\r\n\r\n${said}`;

export class Handshakes {
  readonly #connections = new Map<string, Socket>();
  #isOver = false;

  /** Knows those of a server; answers in plain text whoever speaks plain HTTP to it. */
  watch(server: HttpsServer): void {
    const connections = this.#connections;
    // One function for all: each connection keeps it as long as it lives.
    function forget(this: Socket): void {
      if (connections.get(clientEnd(this)) === this) connections.delete(clientEnd(this));
    }
    server.on('connection', (socket: Socket) => {
      if (this.#isOver) socket.destroy();
      else connections.set(clientEnd(socket), socket.on('close', forget));
    });
    server.on('secureConnection', (socket: TLSSocket) => connections.delete(clientEnd(socket)));
    server.on('tlsClientError', (error: Error, socket: TLSSocket) => {
      if (codeOf(error) === 'ERR_SSL_HTTP_REQUEST') connections.get(clientEnd(socket))?.end(answer);
    });
  }

  get size(): number {
    return this.#connections.size;
  }

  /** Cuts them all off, and those that come from now on. */
  end(): void {
    this.#isOver = true;
    for (const socket of this.#connections.values()) socket.destroy();
  }
}

/** The client's end, which a socket still knows when it is closed; not so its own. */
function clientEnd({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
