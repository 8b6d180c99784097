/** How a system under test is spoken to: what a stream begins with, how messages are published, what comes out. */

import type { TranscriptOptions } from './transcript.ts';

export type WireKind = 'parlor' | 'plain' | 'nchan' | 'socket.io';
/** Whose streams: of readers, or of members with a session each (Parlor only). */
export type StreamKind = 'feed' | 'members';

/** Where a system is, and which one; crosses to the generator as JSON. */
export interface Wire {
  readonly kind: WireKind;
  readonly host: string;
  readonly port: number;
  /** Of further instances of the same system, among which clients are spread in turn. */
  readonly otherPorts?: readonly number[];
  /** The server's processes, whose time and memory are taken. */
  readonly pids: readonly number[];
  /** Of what they keep everything in, if that is a process of its own. */
  readonly storePids?: readonly number[];
}

/** The wire with the port of the instance whose turn it is. */
export function inTurn(wire: Wire, turn: number): Wire {
  const ports = [wire.port, ...(wire.otherPorts ?? [])];
  return { ...wire, port: ports[turn % ports.length] ?? wire.port };
}

const sse = { terminator: '\n\n' };

/** What the events of each system look like. */
export const events: Readonly<Record<WireKind, TranscriptOptions>> = {
  parlor: {
    ...sse,
    pattern:
      /^id: \w+-(\d+)\ndata: \{"id":\1,"type":"message","timestamp":\d+,"name":"[^"]+","message":"[^"]+"\}\n\n$/,
  },
  plain: { ...sse, pattern: /^(?:(?:id|event): ?[^\n]+\n)*data: ?"?[^"\n]+"?\n\n$/ },
  nchan: { ...sse, pattern: /^(?:id: [^\n]+\n)?data: [^\n]+\n\n$/ },
  'socket.io': { terminator: '"]', pattern: /^42\["message","[^"]+"\]$/ },
};

/** The request that opens a stream. */
export function streamHead(wire: Wire, room: string, headers: Readonly<Record<string, string>> = {}): string {
  const { kind, host } = wire;
  const isMember = headers.Authorization !== undefined;
  const paths: Record<WireKind, string> = {
    parlor: `/v1/rooms/${room}/${isMember ? 'session/events' : 'feed'}`,
    plain: '/stream',
    nchan: '/stream',
    'socket.io': '/socket.io/?EIO=4&transport=websocket',
  };
  const upgrade = {
    Upgrade: 'websocket',
    Connection: 'Upgrade',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  };
  return requestHead('GET', paths[kind], {
    Host: host,
    ...(kind === 'socket.io' ? upgrade : { Accept: 'text/event-stream' }),
    ...headers,
  });
}

/** What is sent when a stream is open: Socket.IO's `CONNECT` to the main namespace, as a masked frame. */
export function streamGreeting({ kind }: Wire): Buffer | undefined {
  if (kind !== 'socket.io') return undefined;
  return Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x34, 0x30]);
}

/**
 * The request that publishes a text.
 * @param token of the publisher's session (Parlor only)
 */
export function publishRequest(wire: Wire, room: string, text: string, token: string | undefined): string {
  if (wire.kind === 'parlor') {
    const body = `{"message":"${text}"}`;
    return `${requestHead('POST', `/v1/rooms/${room}/session/messages`, {
      Host: wire.host,
      Authorization: `Bearer ${token}`,
      'Content-Type': 'application/json',
      'Content-Length': String(body.length),
    })}${body}`;
  }
  return `${requestHead('POST', '/publish', {
    Host: wire.host,
    'Content-Type': 'text/plain',
    'Content-Length': String(text.length),
  })}${text}`;
}

export function requestHead(method: string, path: string, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`${method} ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n');
}
