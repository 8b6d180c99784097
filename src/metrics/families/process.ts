/** What the process is, and what it bears. */

import { overloadCauses } from '../../core/observer.ts';
import { heapBytes, residentBytes } from '../memory.ts';
import { type Family, one } from './family.ts';

const states = ['starting', 'ready', 'store-away', 'draining'];

export const processFamilies: readonly Family[] = [
  one(
    'gauge',
    'parlor_build_info',
    'Always 1: which Parlor runs, on which Node.',
    ['version', 'node'],
    ({ sources }) => [[1, { version: sources.version, node: process.version }]],
  ),
  one(
    'gauge',
    'parlor_state',
    '1 for how the server stands, as /readyz says it, 0 for the others.',
    ['state'],
    ({ sources }) => states.map((state) => [sources.state() === state ? 1 : 0, { state }]),
  ),
  one(
    'gauge',
    'parlor_event_loop_delay_seconds',
    'How late the event loop was since the scrape before.',
    ['statistic'],
    ({ loopDelay }) => [
      [loopDelay.median / 1000, { statistic: 'median' }],
      [loopDelay.p99 / 1000, { statistic: 'p99' }],
      [loopDelay.max / 1000, { statistic: 'max' }],
    ],
  ),
  one(
    'gauge',
    'parlor_overloaded',
    'Whether nobody new is let in, because of a late event loop or short memory.',
    ['cause'],
    ({ sources }) => overloadCauses.map((cause) => [sources.overload.cause === cause ? 1 : 0, { cause }]),
  ),
  one('counter', 'process_cpu_seconds_total', 'CPU time of the process, of all its threads.', [], () => {
    const { user, system } = process.cpuUsage();
    return [[(user + system) / 1e6]];
  }),
  one('gauge', 'process_resident_memory_bytes', 'Memory of the process.', [], () => {
    const bytes = residentBytes();
    return bytes === undefined ? [] : [[bytes]];
  }),
  one('gauge', 'nodejs_heap_used_bytes', 'What objects take of the heap.', [], () => [[heapBytes()]]),
  one('gauge', 'process_start_time_seconds', 'When the process began, since 1970.', [], () => [
    [performance.timeOrigin / 1000],
  ]),
  one('gauge', 'process_open_fds', 'Descriptors that are open.', [], ({ now }) =>
    now.openDescriptors === undefined ? [] : [[now.openDescriptors]],
  ),
  one('gauge', 'process_max_fds', 'Descriptors that may be open.', [], ({ sources }) => [
    [sources.maxDescriptors],
  ]),
];
