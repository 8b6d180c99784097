/** What processes and connections use, as the kernel of Linux says. */

import { readdirSync, readFileSync } from 'node:fs';

/** How many descriptors it has open. */
export function openDescriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** How many bytes of memory it has resident. */
export function residentBytes(pid: number): number {
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kibibytes) * 1024;
}

/** How many bytes wait in the kernel to be taken by those who are connected from these ports of 127.0.0.1. */
export function unsentBytes(ports: ReadonlySet<number>): number {
  let sum = 0;
  for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n')) {
    const [, port = '', queued = ''] = /^ *\d+: \w+:\w+ 0100007F:(\w+) \w+ (\w+):/.exec(line) ?? [];
    if (ports.has(Number.parseInt(port, 16))) sum += Number.parseInt(queued, 16);
  }
  return sum;
}
