/**
 * What was found wrong with the write-ahead log (WAL) of a file, kept beside it until a server has drawn the conclusions.
 *
 * The index of the WAL is the only evidence, and SQLite makes a new one as soon as anybody opens the file: a command that
 * reads, or a server that is killed before it has written anything. So it is said before, in `FILE-found`, and on the disk.
 */

import { closeSync, existsSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { readLogFrames } from './log-frames.ts';
import { hasLostFrames, readLogIndex } from './log-index.ts';

/** How the WAL of a file was found. */
export interface FoundLog {
  /** Commits that were acknowledged are gone from its end. */
  readonly isLost: boolean;
  /** It is there, with the index of the server that wrote it. */
  readonly hasLog: boolean;
}

// A WAL whose index is not there was copied without it.
type Finding = 'lost' | 'copied';

const privateFile = 0o600;

/**
 * Looks at the WAL before SQLite does, and keeps what is wrong with it.
 *
 * Not to be asked while a server has the file, or this process: see `readLogIndex`.
 *
 * @throws what the file system says if that cannot be kept
 */
export function findLog(path: string): FoundLog {
  const index = readLogIndex(path);
  const log = readLogFrames(path);
  const isLost = hasLostFrames(index, log);
  if (isLost) keep(path, 'lost');
  else if (log && !existsSync(`${path}-shm`)) keep(path, 'copied');
  const kept = findingOf(path);
  // An index without salts is no server's: somebody has made it who found no WAL, such as a start that was killed.
  const isForeign = index?.salts.every((salt) => salt === 0) ?? !existsSync(`${path}-shm`);
  return { isLost: kept === 'lost', hasLog: existsSync(`${path}-wal`) && !isForeign && kept !== 'copied' };
}

/** The conclusions are drawn, and the disk has them. */
export function forgetFinding(path: string): void {
  rmSync(fileOf(path), { force: true });
}

function fileOf(path: string): string {
  return `${path}-found`;
}

/** One that was cut short says the worst. */
function findingOf(path: string): Finding | undefined {
  if (!existsSync(fileOf(path))) return undefined;
  return readFileSync(fileOf(path), 'utf8') === 'copied' ? 'copied' : 'lost';
}

function keep(path: string, finding: Finding): void {
  if (findingOf(path) === 'lost') return;
  const file = openSync(fileOf(path), 'w', privateFile);
  try {
    writeSync(file, finding);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
