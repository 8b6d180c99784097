/** `parlor export --room ROOM`: the events of a room, one line of JSON each. */

import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { codeOf } from '../core/errors.ts';
import { exportRoom } from '../stores/sqlite/export.ts';
import type { Arguments } from './arguments.ts';
import { storeFile } from './store-file.ts';

// So much is written at once, and so little is in memory if the reader is slow.
const chunkLength = 64 * 1024;

export async function exportEvents({ options }: Arguments): Promise<void> {
  const events = exportRoom(storeFile(options.store), options.room ?? '');
  try {
    await pipeline(Readable.from(chunksOf(events), { highWaterMark: 1 }), process.stdout);
  } catch (error) {
    // Who has read enough, as `head` has, closes the pipe.
    if (codeOf(error) !== 'EPIPE') throw error;
  }
}

function* chunksOf(lines: Iterable<string>): Generator<string> {
  let chunk = '';
  for (const line of lines) {
    chunk += `${line}\n`;
    if (chunk.length < chunkLength) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}
