/**
 * Reads one push stream to its end: bytes in, events out, and how it ended. It is read with `fetch` and not
 * with `EventSource`, which hides what the page must know: heartbeats (is the stream mute?), `retry:`, the
 * problem behind a refusal, and events of a type it was not told to listen for.
 */

import type { Schedule } from './schedule.ts';
import { type SseEvent, SseParser } from './sse-parser.ts';

/** A server writes `retry:` with the head; without a byte by then, something on the way holds the stream up. */
const firstByteMs = 6000;

/** A stream is dead after this many heartbeats of silence. */
const silentHeartbeats = 2.5;

/** How often silence is looked for; also how late a laptop's wake is noticed. */
const lookMs = 3000;

interface StreamHandlers {
  /** Bytes arrived and were read, maybe a heartbeat only. */
  bytes(): void;
  event(event: SseEvent): void;
  retry(ms: number): void;
  /** In milliseconds; may change while the stream is read. */
  heartbeatMs(): number;
}

/** `mute`: never a byte. `silent`: none for too long. `closed`: ended, by whomever. */
type StreamEnd = 'mute' | 'silent' | 'closed';

/** @param life ends the reading when aborted, and is aborted when the stream was found dead */
export async function readStream(
  body: ReadableStream<Uint8Array>,
  life: AbortController,
  schedule: Schedule,
  handlers: StreamHandlers,
): Promise<StreamEnd> {
  const decoder = new TextDecoder();
  const parser = new SseParser(handlers.event, handlers.retry);
  const reader = body.getReader();
  let last = schedule.now();
  let heard = false;
  let end: StreamEnd = 'closed';

  const over = new AbortController();
  const watch = async () => {
    while (!over.signal.aborted) {
      const limitMs = heard ? handlers.heartbeatMs() * silentHeartbeats : firstByteMs;
      await schedule.sleep(Math.min(lookMs, limitMs), over.signal);
      if (over.signal.aborted || schedule.now() - last < limitMs) continue;
      end = heard ? 'silent' : 'mute';
      life.abort();
      return;
    }
  };
  const cancel = () => void reader.cancel().catch(() => {});
  life.signal.addEventListener('abort', cancel);
  void watch();
  try {
    for (;;) {
      const chunk = await reader.read().catch(() => undefined);
      if (chunk === undefined || chunk.done || life.signal.aborted) return end;
      last = schedule.now();
      heard = true;
      parser.push(decoder.decode(chunk.value, { stream: true }));
      handlers.bytes();
    }
  } finally {
    over.abort();
    life.signal.removeEventListener('abort', cancel);
    cancel();
  }
}
