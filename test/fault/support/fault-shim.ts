/**
 * Makes faults of disk and wall clock for one process, for real: a library that stands between it and the kernel.
 *
 * @example
 * const shim = await FaultShim.make(t, folder);
 * if (!shim) return;
 * const server = await ServerProcess.start({ cwd: folder, env: { ...shim.env } });
 * shim.set({ writeError: 'ENOSPC' });
 */

import { execFile } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readSync, realpathSync, rmSync, writeSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { has, hasLinux } from '../../support/needs.ts';

type FaultCode = 'ENOSPC' | 'EIO' | 'EDQUOT' | 'EROFS';

export interface Faults {
  /** How long an fsync or fdatasync takes more than it does. */
  readonly syncDelayMs?: number;
  readonly writeDelayMs?: number;
  /** How an fsync or fdatasync fails. */
  readonly syncError?: FaultCode | null;
  /** How a write, and whatever else changes a file's size, fails once `writeRoom` is used up. */
  readonly writeError?: FaultCode | null;
  /** How many bytes are still written; a write across the end is cut short. 0 if it is not given. */
  readonly writeRoom?: number;
  /** How far the wall clock is off; monotonic time goes on as it is. */
  readonly wallStepSeconds?: number;
}

/** How often what happened, of files in the folder. */
export interface FaultCounts {
  readonly syncs: number;
  readonly syncsDelayed: number;
  readonly syncsFailed: number;
  readonly writesDelayed: number;
  readonly writesFailed: number;
  readonly writesShort: number;
  /** How often the time was asked for while the wall clock was off. */
  readonly timesShifted: number;
}

// In the order of `struct control` in fault-shim.c, eight bytes each.
const faultFields = 6;
const countFields = 7;
const fieldBytes = 8;

const source = fileURLToPath(new URL('./fault-shim.c', import.meta.url));
let library: Promise<string> | undefined;

export class FaultShim {
  /** For the environment of the process. */
  readonly env: Readonly<Record<string, string>>;
  readonly #control: number;
  #faults: Faults = {};

  private constructor(libraryFile: string, controlFile: string, folder: string) {
    this.#control = openSync(controlFile, 'w+');
    writeSync(this.#control, Buffer.alloc((faultFields + countFields) * fieldBytes));
    this.env = { LD_PRELOAD: libraryFile, SHIM_CONTROL: controlFile, SHIM_FOLDER: realpathSync(folder) };
  }

  /**
   * Undefined if it cannot be made here: the test is skipped then.
   * @param folder whose files are meant, now and later
   */
  static async make(t: TestContext, folder: string): Promise<FaultShim | undefined> {
    if (!hasLinux(t) || !has(t, 'cc')) return undefined;
    library ??= compile();
    const own = mkdtempSync(join(tmpdir(), 'parlor-shim-'));
    const shim = new FaultShim(await library, join(own, 'control'), folder);
    t.after(() => {
      closeSync(shim.#control);
      rmSync(own, { recursive: true });
    });
    return shim;
  }

  /** Sets these faults from now on; the others stay as they are. */
  set(faults: Faults): void {
    this.#faults = { ...this.#faults, ...faults };
    const { syncDelayMs = 0, writeDelayMs = 0, syncError, writeError } = this.#faults;
    const { writeRoom = 0, wallStepSeconds = 0 } = this.#faults;
    // The bytes that may still be written are counted down by the process: told only when they are given.
    const room = 'writeError' in faults || 'writeRoom' in faults ? writeRoom : undefined;
    const wallStepMs = Math.round(wallStepSeconds * 1000);
    this.#write([syncDelayMs, writeDelayMs, codeOf(syncError), undefined, room, wallStepMs]);
    // Last, so that a write never meets the new error with the old room.
    this.#write([undefined, undefined, undefined, codeOf(writeError)]);
  }

  /** Ends all faults. */
  clear(): void {
    this.#faults = {};
    this.#write([0, 0, 0, 0, 0, 0]);
  }

  counts(): FaultCounts {
    const bytes = Buffer.alloc(countFields * fieldBytes);
    readSync(this.#control, bytes, 0, bytes.length, faultFields * fieldBytes);
    const count = (field: number) => Number(bytes.readBigInt64LE(field * fieldBytes));
    return {
      syncs: count(0),
      syncsDelayed: count(1),
      syncsFailed: count(2),
      writesDelayed: count(3),
      writesFailed: count(4),
      writesShort: count(5),
      timesShifted: count(6),
    };
  }

  #write(fields: readonly (number | undefined)[]): void {
    for (const [index, value] of fields.entries()) {
      if (value === undefined) continue;
      const bytes = Buffer.alloc(fieldBytes);
      bytes.writeBigInt64LE(BigInt(value));
      writeSync(this.#control, bytes, 0, fieldBytes, index * fieldBytes);
    }
  }
}

function codeOf(name: FaultCode | null | undefined): number {
  return name ? constants.errno[name] : 0;
}

/** Once per process; the folder goes with it. */
async function compile(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'parlor-shim-'));
  process.once('exit', () => rmSync(folder, { recursive: true }));
  const file = join(folder, 'fault-shim.so');
  await promisify(execFile)('cc', [
    '-shared',
    '-fPIC',
    '-O2',
    '-Wall',
    '-Wextra',
    '-o',
    file,
    source,
    '-ldl',
  ]);
  return file;
}
