/**
 * Reads one push stream to its end: bytes in, events out, and how it ended. It is read with `fetch` and not
 * with `EventSource`, which hides what a client must know: heartbeats (is the stream mute?), `retry:`, the
 * problem behind a refusal, and events of a type it was not told to listen for.
 */

import { firstByteMs, lookMs, silentHeartbeats } from './bounds.ts';
import type { Schedule } from './schedule.ts';
import { type SseEvent, sseParser } from './sse-parser.ts';

interface StreamHandlers {
  /** Bytes arrived and were read, maybe a heartbeat only. */
  bytes(): void;
  event(event: SseEvent): void;
  retry(ms: number): void;
}

/** `mute`: no byte for too long. `closed`: ended, by whomever. */
type StreamEnd = 'mute' | 'closed';

/** @param life ends the reading when aborted */
export async function readStream(
  body: ReadableStream<Uint8Array>,
  life: AbortSignal,
  schedule: Schedule,
  heartbeatMs: number,
  handlers: StreamHandlers,
): Promise<StreamEnd> {
  const decoder = new TextDecoder();
  const parse = sseParser(handlers.event, handlers.retry);
  const reader = body.getReader();
  const look = () => schedule.sleep(lookMs, life);
  let last = schedule.now();
  let limitMs = firstByteMs;
  let reading = reader.read();
  let looking = look();
  try {
    for (;;) {
      const chunk = await Promise.race([reading, looking]);
      if (life.aborted) return 'closed';
      if (chunk === undefined) {
        if (schedule.now() - last >= limitMs) return 'mute';
        looking = look();
        continue;
      }
      if (chunk.done) return 'closed';
      last = schedule.now();
      limitMs = heartbeatMs * silentHeartbeats;
      parse(decoder.decode(chunk.value, { stream: true }));
      handlers.bytes();
      reading = reader.read();
    }
  } catch {
    // Cut off; or an event that is too long.
    return 'closed';
  } finally {
    reader.cancel().catch(() => {});
  }
}
