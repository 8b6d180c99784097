/**
 * How far a write-ahead log is whole, said by its own bytes: before SQLite opens the file, which makes a new index of
 * what it finds.
 *
 * Its format: https://sqlite.org/fileformat2.html#walformat
 */

import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { endianness } from 'node:os';
import type { LogIndex } from './log-index.ts';

const headerBytes = 32;
const frameHeaderBytes = 24;
const littleMagic = 0x377f0682;
const bigMagic = 0x377f0683;
const pageSizes = { least: 512, most: 65_536 };
// Of a frame: what its sum covers before the page, and where its parts stand.
const summedBytes = 8;
const pagesOffset = 4;
const saltsOffset = { log: 16, frame: 8 };
const sumsOffset = { log: 24, frame: 16 };

/** What is committed in a log, as SQLite will find it; undefined if there is none, or nothing that can be read. */
export function readLogFrames(path: string): LogIndex | undefined {
  const log = `${path}-wal`;
  if (!existsSync(log)) return undefined;
  const file = openSync(log, 'r');
  try {
    return committedFrames(file);
  } finally {
    closeSync(file);
  }
}

function committedFrames(file: number): LogIndex | undefined {
  const header = Buffer.alloc(headerBytes);
  if (readSync(file, header, 0, headerBytes, 0) < headerBytes) return undefined;
  const magic = header.readUInt32BE(0);
  const pageBytes = header.readUInt32BE(8);
  if (magic !== littleMagic && magic !== bigMagic) return undefined;
  if (pageBytes < pageSizes.least || pageBytes > pageSizes.most) return undefined;
  const sum = new Sum((magic === littleMagic ? 'LE' : 'BE') === endianness());
  sum.add(header, 0, sumsOffset.log);
  if (!sum.stands(header, sumsOffset.log)) return undefined;

  const frame = Buffer.alloc(frameHeaderBytes + pageBytes);
  const salts = header.subarray(saltsOffset.log, sumsOffset.log);
  let frames = 0;
  for (let read = 1, at = headerBytes; ; read++, at += frame.length) {
    if (readSync(file, frame, 0, frame.length, at) < frame.length) break;
    if (!frame.subarray(saltsOffset.frame, sumsOffset.frame).equals(salts)) break;
    sum.add(frame, 0, summedBytes);
    sum.add(frame, frameHeaderBytes, frame.length);
    if (frame.readUInt32BE(0) === 0 || !sum.stands(frame, sumsOffset.frame)) break;
    // The last frame of a commit says how many pages the file has then.
    if (frame.readUInt32BE(pagesOffset) !== 0) frames = read;
  }
  return { frames, salts: [salts.readUInt32BE(0), salts.readUInt32BE(4)] };
}

/** The sum of a log up to somewhere: over pairs of numbers, in the byte order of whoever began it. */
class Sum {
  readonly #isNative: boolean;
  #first = 0;
  #second = 0;

  constructor(isNative: boolean) {
    this.#isNative = isNative;
  }

  add(bytes: Buffer, from: number, to: number): void {
    const part = this.#isNative ? bytes : Buffer.from(bytes.subarray(from, to)).swap32();
    const offset = this.#isNative ? bytes.byteOffset + from : part.byteOffset;
    const numbers = new Int32Array(part.buffer, offset, (to - from) / 4);
    let [first, second] = [this.#first, this.#second];
    for (let at = 0; at < numbers.length; at += 2) {
      first = (first + (numbers[at] ?? 0) + second) | 0;
      second = (second + (numbers[at + 1] ?? 0) + first) | 0;
    }
    this.#first = first;
    this.#second = second;
  }

  /** Whether the sum stands there. */
  stands(bytes: Buffer, offset: number): boolean {
    return bytes.readInt32BE(offset) === this.#first && bytes.readInt32BE(offset + 4) === this.#second;
  }
}
