/**
 * A small disk that is one: a tmpfs in a mount namespace without a name. No mount of the machine is touched, and it is
 * gone with the processes that see it.
 */

import {
  closeSync,
  fstatSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { asNamespaceRoot, holdNamespace } from './held-namespace.ts';
import type { SmallDisk } from './small-disk.ts';

const pageBytes = 4096;

export class MountedDisk implements SmallDisk {
  readonly kind = 'tmpfs';
  readonly letsStart = true;
  readonly env = {};
  readonly folder: string;
  readonly enter: readonly string[];
  /** The same folder, seen from here. */
  readonly #outside: string;

  private constructor(folder: string, enter: readonly string[], holderPid: number) {
    this.folder = folder;
    this.enter = enter;
    this.#outside = `/proc/${holderPid}/root${folder}`;
  }

  /** Undefined where it may not be mounted. */
  static async make(t: TestContext, mebibytes: number): Promise<MountedDisk | undefined> {
    if (process.platform !== 'linux') return undefined;
    const folder = mkdtempSync(join(tmpdir(), 'parlor-disk-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const mount = ['sh', '-c', `mount -t tmpfs -o size=${mebibytes}m tmpfs "$0" && exec "$@"`, folder];
    // Who may not mount may do so in a user namespace of his own, where that is allowed.
    for (const isOwnRoot of [false, true]) {
      const holder = await holdNamespace(t, ['unshare', ...(isOwnRoot ? ['-U', '-r'] : []), '-m', ...mount]);
      if (holder?.pid === undefined) continue;
      const user = isOwnRoot ? asNamespaceRoot : [];
      const enter = ['nsenter', '-t', `${holder.pid}`, ...user, '-m', `--wd=${folder}`];
      return new MountedDisk(folder, enter, holder.pid);
    }
    return undefined;
  }

  fill(leaving = 0): void {
    const file = openSync(this.#filler, 'w');
    try {
      for (;;) writeSync(file, Buffer.alloc(pageBytes));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
      ftruncateSync(file, Math.max(0, fstatSync(file).size - leaving));
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    rmSync(this.#filler);
  }

  bytesOf(name: string): number {
    return statSync(join(this.#outside, name)).size;
  }

  get #filler(): string {
    return join(this.#outside, 'filler');
  }
}
