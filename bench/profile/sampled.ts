/** Reads what V8's sampling profiler has seen of the main thread: whose code it was in. */

import { type Shares, sharesOf } from './findings.ts';

/** As the inspector's `Profiler.stop` answers. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  /** Nodes' ids, and microseconds from one sample to the next. */
  readonly samples?: readonly number[];
  readonly timeDeltas?: readonly number[];
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    readonly lineNumber: number;
  };
}

const native = 'native code: kernel, libuv, C++ of Node and V8';

const mostFunctions = 10;

/** @returns shares of the time in which the thread was not idle, and of the functions of all JavaScript */
export function readProfile({ nodes, samples = [], timeDeltas = [] }: CpuProfile): {
  readonly sampled: Shares;
  readonly functions: Shares;
} {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const owners = new Map<string, number>();
  const functions = new Map<string, number>();
  samples.forEach((id, index) => {
    const frame = frames.get(id);
    const micros = timeDeltas[index] ?? 0;
    if (!frame || frame.functionName === '(idle)' || micros <= 0) return;
    const owner = ownerOf(frame);
    owners.set(owner, (owners.get(owner) ?? 0) + micros);
    if (frame.url === '') return;
    const name = `${frame.functionName || '(anonymous)'} in ${placeOf(frame.url)}`;
    functions.set(name, (functions.get(name) ?? 0) + micros);
  });
  return { sampled: sharesOf(owners), functions: sharesOf(functions, mostFunctions) };
}

function ownerOf({ functionName, url }: ProfileNode['callFrame']): string {
  if (functionName === '(garbage collector)') return 'garbage collection';
  if (functionName === '(program)' || url === '') return native;
  if (url.startsWith('node:')) return "Node's JavaScript";
  if (url.includes('/node_modules/')) return 'packages';
  return "Parlor's JavaScript";
}

/** Without what tells whose machine it was. */
function placeOf(url: string): string {
  if (url.startsWith('node:')) return url;
  const [, packaged] = /.*\/node_modules\/(.*)$/.exec(url) ?? [];
  const [, own] = /\/dist\/(.*)$/.exec(url) ?? [];
  return packaged ?? (own ? `src/${own.replace(/\.js$/, '.ts')}` : url.replace(/.*\//, ''));
}
