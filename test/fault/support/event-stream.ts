/** Reads an SSE stream frame by frame and keeps nothing: streams of a long run are large. */

import http from 'node:http';
import { StringDecoder } from 'node:string_decoder';

/** A whole frame; what is cut off in the middle never becomes one. */
export interface StreamFrame {
  readonly type: string;
  readonly id: string | undefined;
  readonly data: string;
}

export interface StreamCalls {
  /** @returns whether to read on */
  readonly frame: (frame: StreamFrame) => boolean;
  readonly retry: (ms: number) => void;
}

/** How a stream came to its end: with its last chunk, or cut off; or it was none. */
export type StreamOutcome =
  | { readonly status: 200; readonly isWhole: boolean }
  | { readonly status: number; readonly retryAfterMs: number | undefined; readonly text: string };

/**
 * Reads until the stream ends or nobody wants more.
 * @throws Error if no head of an answer came
 */
export function readStream(
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
  calls: StreamCalls,
): Promise<StreamOutcome> {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { headers, agent: false, signal });
    request.on('error', reject);
    request.on('response', (response) => {
      const { statusCode: status = 0, headers } = response;
      const decoder = new StringDecoder('utf8');
      let rest = '';
      let isWanted = true;
      response.on('data', (bytes: Buffer) => {
        rest += decoder.write(bytes);
        if (status !== 200) return;
        const blocks = rest.split('\n\n');
        rest = blocks.pop() ?? '';
        for (const block of blocks) if (isWanted) isWanted = take(block, calls);
        if (!isWanted) request.destroy();
      });
      response.on('error', () => {});
      response.on('close', () => {
        const retryAfter = headers['retry-after'];
        const retryAfterMs = retryAfter === undefined ? undefined : Number(retryAfter) * 1000;
        resolve(
          status === 200
            ? { status, isWhole: response.complete && rest === '' }
            : { status, retryAfterMs, text: rest },
        );
      });
    });
  });
}

function take(block: string, { frame, retry }: StreamCalls): boolean {
  let type = 'message';
  let id: string | undefined;
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') type = value;
    else if (field === 'id') id = value;
    else if (field === 'data') data.push(value);
    else if (field === 'retry') retry(Number(value));
  }
  return data.length === 0 || frame({ type, id, data: data.join('\n') });
}
