/**
 * Server-sent events out of text, as the HTML standard reads an event stream (§9.2.6). Comments carry no
 * event; whoever wants to know that the connection lives watches the bytes.
 */
import { maxBufferedChars } from './bounds.ts';

export interface SseEvent {
  readonly type: string;
  readonly data: string;
  /** The last id seen on the stream so far; empty before the first. */
  readonly lastEventId: string;
}

/**
 * Returns what takes the text of one stream, piece by piece, cut anywhere. What stands unfinished at the end of a stream
 * is void.
 */
export function sseParser(
  onEvent: (event: SseEvent) => void,
  onRetry: (ms: number) => void,
): (text: string) => void {
  let rest = '';
  /** The text before ended in CR: a line feed that follows belongs to it. */
  let isAfterCr = false;
  let type = '';
  /** With a line feed after each line. */
  let data = '';
  let lastEventId = '';

  const take = (line: string) => {
    // Of a comment the field is empty, as of an empty line.
    const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?/s.exec(line) ?? [];
    if (line === '') {
      if (data !== '') onEvent({ type: type || 'message', data: data.slice(0, -1), lastEventId });
      type = '';
      data = '';
    } else if (field === 'event') type = value;
    else if (field === 'data') data += `${value}\n`;
    else if (field === 'id' && !value.includes('\0')) lastEventId = value;
    else if (field === 'retry' && /^\d+$/.test(value)) onRetry(Number(value));
  };

  return (text) => {
    if (text === '') return;
    const lines = (isAfterCr && text.startsWith('\n') ? text.slice(1) : text).split(/\r\n?|\n/);
    // What was there before has no end of line in it: it is not searched again with each piece.
    lines[0] = rest + lines[0];
    isAfterCr = text.endsWith('\r');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
    // Nobody hears why: the stream counts as broken.
    if (rest.length + data.length > maxBufferedChars) throw new RangeError();
  };
}
