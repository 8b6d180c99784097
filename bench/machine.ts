/** What the benchmark runs on, without anything that tells whose machine it is. */

import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { canPin } from './pinning.ts';
import { hasNchan, nchanVersion } from './systems/nchan.ts';

export function describeMachine(): Record<string, string> {
  return {
    Processor: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableParallelism()} cores`,
    Memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    System: `${process.platform} ${kernel()}`.trim(),
    Node: process.version,
    Pinning: canPin
      ? 'server on one core, load generator on another'
      : 'none: server and load share the cores',
    ...(hasNchan ? { nginx: `${nchanVersion()} with nchan` } : {}),
    Measured: new Date().toISOString().slice(0, 10),
  };
}

function kernel(): string {
  try {
    return readFileSync('/proc/sys/kernel/osrelease', 'latin1').trim();
  } catch {
    return '';
  }
}
