/** Opens sessions of Parlor through its API, several at once. */

import { HttpConnection } from './http-connection.ts';
import { requestHead, type Wire } from './wire.ts';

/** At once; each of them is committed, and what is asked for at once is committed at once. */
const connections = 64;

export interface SessionsWanted {
  readonly room: string;
  readonly delivery: 'pull' | 'push';
  readonly count: number;
  /** What their names begin with; a number follows. */
  readonly name: string;
}

/** @returns their tokens, in order */
export async function openSessions(wire: Wire, wanted: SessionsWanted): Promise<string[]> {
  const tokens: string[] = [];
  let next = 0;
  const work = async () => {
    const connection = new HttpConnection(wire.host, wire.port, () => {});
    while (next < wanted.count) {
      const number = next++;
      tokens[number] = await openSession(connection, wire, wanted, number);
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: Math.min(connections, wanted.count) }, work));
  return tokens;
}

async function openSession(
  connection: HttpConnection,
  wire: Wire,
  { room, delivery, name }: SessionsWanted,
  number: number,
): Promise<string> {
  const body = JSON.stringify({ name: `${name}${number}`, delivery, credential: 'bearer' });
  const head = requestHead('POST', `/v1/rooms/${room}/session`, {
    Host: wire.host,
    'Content-Type': 'application/json',
    'Content-Length': String(body.length),
  });
  const { status, answer } = await connection.call(head + body);
  const [, token] = /"token":"([^"]+)"/.exec(answer) ?? [];
  if (status !== 201 || token === undefined) throw new Error(`create answered ${answer.slice(0, 500)}`);
  return token;
}
