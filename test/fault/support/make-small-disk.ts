/** Makes a small disk: a real one, or where none can be mounted one that seems full. */

import type { TestContext } from 'node:test';
import { MountedDisk } from './mounted-disk.ts';
import { ShimDisk } from './shim-disk.ts';
import type { SmallDisk } from './small-disk.ts';

/** Undefined if it cannot be made here: the test is skipped then. */
export async function makeSmallDisk(t: TestContext, mebibytes: number): Promise<SmallDisk | undefined> {
  return (await MountedDisk.make(t, mebibytes)) ?? ShimDisk.make(t);
}
