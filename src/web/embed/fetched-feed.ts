/** A feed read by `fetch`: an `EventSource` would send the chat's cookie along, and what is framed uses none. */

import { sseParser } from '../../client/sse-parser.ts';
import type { FeedSource } from '../join/glimpse.ts';

/** Opens it; it does not open itself again. */
export function fetchedFeed(url: string): FeedSource {
  const life = new AbortController();
  const listeners = new Map<string, ((event: { readonly data?: unknown }) => void)[]>();
  const tell = (type: string, event: { readonly data?: unknown }) => {
    if (!life.signal.aborted) for (const listener of listeners.get(type) ?? []) listener(event);
  };
  let readyState = 0;
  void read()
    .catch(() => {
      // Whatever ended it: whoever wants it opens another one.
    })
    .then(() => {
      readyState = 2;
      tell('error', {});
    });
  return {
    get readyState() {
      return readyState;
    },
    addEventListener(type, listener) {
      listeners.set(type, [...(listeners.get(type) ?? []), listener]);
    },
    close() {
      readyState = 2;
      life.abort();
    },
  };

  async function read(): Promise<void> {
    const { ok, body } = await fetch(url, { credentials: 'omit', cache: 'no-store', signal: life.signal });
    if (!ok || body === null) return;
    readyState = 1;
    const take = sseParser(
      ({ type, data }) => tell(type, { data }),
      () => {},
    );
    const reader = body.getReader();
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      take(decoder.decode(value, { stream: true }));
    }
  }
}
