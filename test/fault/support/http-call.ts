/** One request as a client in trouble makes it: the answer came whole, or what became of it is not known. */

import http from 'node:http';

export interface CallRequest {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly agent: http.Agent;
  readonly signal: AbortSignal;
}

export interface CallAnswer {
  readonly status: number;
  readonly retryAfterMs: number | undefined;
  readonly body: unknown;
}

// Longer than the longest wait of a poll (25 s): an answer that takes this long never comes.
const timeoutMs = 40_000;

/** @throws Error if the connection failed before the answer was whole */
export function call({ method, url, headers = {}, body, agent, signal }: CallRequest): Promise<CallAnswer> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const request = http.request(url, {
      method,
      agent,
      signal,
      timeout: timeoutMs,
      headers: {
        ...headers,
        ...(text === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
      },
    });
    request.on('timeout', () => request.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
    request.on('error', reject);
    request.on('response', (response) => {
      const parts: Buffer[] = [];
      response.on('data', (bytes: Buffer) => parts.push(bytes));
      response.on('error', reject);
      response.on('close', () => {
        if (!response.complete) return reject(new Error('the answer was cut off'));
        const { statusCode: status = 0, headers } = response;
        const retryAfter = headers['retry-after'];
        resolve({
          status,
          retryAfterMs: retryAfter === undefined ? undefined : Number(retryAfter) * 1000,
          body: bodyOf(Buffer.concat(parts).toString('utf8'), headers['content-type']),
        });
      });
    });
    request.end(text);
  });
}

function bodyOf(text: string, type = ''): unknown {
  return /json/.test(type) && text !== '' ? JSON.parse(text) : text;
}
