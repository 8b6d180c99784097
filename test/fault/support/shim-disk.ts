/** A folder that seems to be a small disk: the process is told that there is no room left. */

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { FaultShim } from './fault-shim.ts';
import type { SmallDisk } from './small-disk.ts';

export class ShimDisk implements SmallDisk {
  readonly kind = 'no disk could be mounted: writes fail with ENOSPC';
  // The index of the log cannot be made smaller and larger again, as it can where that gives room back.
  readonly letsStart = false;
  readonly folder: string;
  readonly enter: readonly string[] = [];
  readonly #shim: FaultShim;

  private constructor(folder: string, shim: FaultShim) {
    this.folder = folder;
    this.#shim = shim;
  }

  /** Undefined if it cannot be made here: the test is skipped then. */
  static async make(t: TestContext): Promise<ShimDisk | undefined> {
    const folder = mkdtempSync(join(tmpdir(), 'parlor-disk-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const shim = await FaultShim.make(t, folder);
    return shim && new ShimDisk(folder, shim);
  }

  get env(): Readonly<Record<string, string>> {
    return this.#shim.env;
  }

  /** Room once used is not given back: what is written over counts too. */
  fill(leaving = 0): void {
    this.#shim.set({ writeError: 'ENOSPC', writeRoom: leaving });
  }

  free(): void {
    this.#shim.clear();
  }

  bytesOf(name: string): number {
    return statSync(join(this.folder, name)).size;
  }
}
