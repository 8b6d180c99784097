/**
 * A disk of a few megabytes for a server to run full: a tmpfs in a mount namespace without a name. No mount of the
 * machine is touched, and it is gone with the processes that see it.
 */

import { execFile } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { has, hasLinux, searchPath, without } from '../../support/needs.ts';
import { asNamespaceRoot, holdNamespace } from './held-namespace.ts';

const run = promisify(execFile);
const programs = ['unshare', 'nsenter', 'mount'];
const pageBytes = 4096;

export class SmallDisk {
  /** Where the disk is, for a process that was started with `enter`. */
  readonly folder: string;
  /** What runs a command where the disk is. */
  readonly enter: readonly string[];
  /** The same folder, seen from here. */
  readonly #outside: string;

  private constructor(folder: string, enter: readonly string[], holderPid: number) {
    this.folder = folder;
    this.enter = enter;
    this.#outside = `/proc/${holderPid}/root${folder}`;
  }

  /** Undefined if it cannot be made here: the test is skipped then. */
  static async make(t: TestContext, mebibytes: number): Promise<SmallDisk | undefined> {
    if (!hasLinux(t) || !programs.every((program) => has(t, program))) return undefined;
    const folder = mkdtempSync(join(tmpdir(), 'parlor-disk-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const mount = ['sh', '-c', `mount -t tmpfs -o size=${mebibytes}m tmpfs "$0" && exec "$@"`, folder];
    // Who may not mount may do so in a user namespace of his own, where that is allowed.
    for (const isOwnRoot of [false, true]) {
      const holder = await holdNamespace(t, ['unshare', ...(isOwnRoot ? ['-U', '-r'] : []), '-m', ...mount]);
      if (holder?.pid === undefined) continue;
      const user = isOwnRoot ? asNamespaceRoot : [];
      const enter = ['nsenter', '-t', `${holder.pid}`, ...user, '-m', `--wd=${folder}`];
      return new SmallDisk(folder, enter, holder.pid);
    }
    without(t, 'no disk can be mounted: run as root, or where users may make namespaces');
    return undefined;
  }

  /** Takes all the room that is left. */
  fill(): void {
    const file = openSync(this.#filler, 'w');
    try {
      for (;;) writeSync(file, Buffer.alloc(pageBytes));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    } finally {
      closeSync(file);
    }
  }

  /** Gives back what `fill` took. */
  free(): void {
    rmSync(this.#filler);
  }

  async grow(mebibytes: number): Promise<void> {
    // With source and folder both given, no options are read back that are not allowed in a namespace of one's own.
    const remount = ['mount', '-t', 'tmpfs', '-o', `remount,size=${mebibytes}m`, 'tmpfs', this.folder];
    const [program = '', ...args] = [...this.enter, ...remount];
    await run(program, args, { env: { PATH: searchPath } });
  }

  /** How large a file on it is. */
  bytesOf(name: string): number {
    return statSync(join(this.#outside, name)).size;
  }

  get #filler(): string {
    return join(this.#outside, 'filler');
  }
}
