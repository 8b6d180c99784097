/** One request of any kind: unlike `fetch` it forbids no method and no header, and it ends streams when they begin. */

import { Agent, request } from 'node:http';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined;
  readonly body?: string | undefined;
}

export interface Given {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Of a stream nothing. */
  readonly text: string;
}

/** What asks one server; `close` ends its connections. */
export function askerOf(port: number): ((asked: Asked) => Promise<Given>) & { close(): void } {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const ask = ({ method, path, headers = {}, body }: Asked): Promise<Given> =>
    new Promise((resolve, reject) => {
      const asking = request({
        port,
        host: '127.0.0.1',
        agent,
        method,
        path,
        headers: { ...headers, ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }) },
      });
      asking.on('error', reject);
      asking.on('response', (response) => {
        const given = { status: response.statusCode ?? 0, headers: response.headers };
        const isStream = response.headers['content-type']?.startsWith('text/event-stream');
        if (isStream && method !== 'HEAD') {
          asking.off('error', reject).on('error', () => {});
          response.destroy();
          resolve({ ...given, text: '' });
          return;
        }
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => {
          text += piece;
        });
        response.on('error', reject);
        response.on('end', () => resolve({ ...given, text }));
      });
      asking.end(body);
    });
  return Object.assign(ask, { close: () => agent.destroy() });
}
