/** What `perf` and `strace` tell of a thread, where they are there and allowed. */

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type Shares, type SystemCalls, sharesOf } from './findings.ts';

const samplesPerSecond = 997;
const mostSymbols = 10;
const leastCallsPerSecond = 5;

/** Watches a thread for a while; undefined if that cannot be done here. */
export async function perfOf(
  tid: number,
  seconds: number,
  folder: string,
): Promise<{ readonly layers: Shares; readonly symbols: Shares } | undefined> {
  const file = join(folder, 'perf.data');
  // The clock's samples need nothing of the processor, which a virtual machine may not have.
  const record = ['record', '-q', '-e', 'cpu-clock', '-F', String(samplesPerSecond), '-t', String(tid)];
  if ((await run('perf', [...record, '-o', file, '--', 'sleep', String(seconds)])).status !== 0) {
    return undefined;
  }
  const report = ['report', '-i', file, '--stdio', '--sort', 'dso,symbol', '-g', 'none', '-w', '80,200'];
  const { status, stdout } = spawnSync('perf', report, { encoding: 'utf8', maxBuffer: 1 << 28 });
  return status === 0 ? readPerfReport(stdout) : undefined;
}

/** Lines such as `12.30%  [kernel.kallsyms]  [k] tcp_sendmsg`. */
export function readPerfReport(text: string): { readonly layers: Shares; readonly symbols: Shares } {
  const layers = new Map<string, number>();
  const symbols = new Map<string, number>();
  for (const line of text.split('\n')) {
    const [, percent, object = '', symbol = ''] =
      /^\s*([\d.]+)%\s+(.+?)\s+\[[.k]\] (.*?)(?:\s{2,}.*)?$/.exec(line) ?? [];
    if (percent === undefined) continue;
    const layer = layerOf(object, symbol);
    layers.set(layer, (layers.get(layer) ?? 0) + Number(percent));
    // Compiled JavaScript has addresses for names.
    if (!symbol.startsWith('0x')) symbols.set(`${symbol} (${layer})`, Number(percent));
  }
  const all = [...layers.values()].reduce((sum, percent) => sum + percent, 0);
  const largest = [...symbols].sort(([, a], [, b]) => b - a).slice(0, mostSymbols);
  return {
    layers: sharesOf(layers),
    symbols: largest.map(([what, percent]) => ({ what, share: percent / all })),
  };
}

function layerOf(object: string, symbol: string): string {
  if (object.startsWith('[kernel') || object === '[vdso]') return 'kernel';
  if (object.includes('better_sqlite3')) return 'SQLite';
  if (/^(?:libc|libpthread|libm|ld-linux|libstdc)/.test(object)) return 'C library';
  if (object !== 'node') return 'compiled JavaScript';
  if (/^uv_/.test(symbol)) return 'libuv';
  if (/^Builtins_/.test(symbol)) return 'JavaScript in builtins and the interpreter';
  if (/^(?:v8::|cppgc::|heap::)/.test(symbol)) return 'V8: runtime and garbage collection';
  return "Node's C++ and its libraries";
}

/** Counts the system calls of a thread for a while; undefined if that cannot be done here. */
export async function callsOf(tid: number, seconds: number): Promise<readonly SystemCalls[] | undefined> {
  const { stderr } = await run('strace', ['-q', '-c', '-U', 'calls,name', '-p', String(tid)], seconds);
  const calls = readCallCounts(stderr, seconds);
  return calls.length === 0 ? undefined : calls;
}

/** Lines such as `12345 writev`. */
export function readCallCounts(text: string, seconds: number): SystemCalls[] {
  return text
    .split('\n')
    .flatMap((line) => {
      const [, count, name] = /^\s*(\d+)\s+([a-z_0-9]+)\s*$/.exec(line) ?? [];
      return name === undefined || name === 'total' ? [] : [{ name, perSecond: Number(count) / seconds }];
    })
    .filter(({ perSecond }) => perSecond >= leastCallsPerSecond)
    .sort((a, b) => b.perSecond - a.perSecond);
}

/** @param interruptedAfter seconds, if it would not end by itself */
async function run(
  program: string,
  args: readonly string[],
  interruptedAfter?: number,
): Promise<{ readonly status: number | null; readonly stderr: string }> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (bytes: Buffer) => {
    stderr += bytes.toString();
  });
  const timer =
    interruptedAfter === undefined
      ? undefined
      : setTimeout(() => child.kill('SIGINT'), interruptedAfter * 1000);
  try {
    const [status] = (await once(child, 'close')) as [number | null];
    return { status, stderr };
  } catch {
    return { status: null, stderr };
  } finally {
    clearTimeout(timer);
  }
}
