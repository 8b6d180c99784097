/** A system under test: a server that a run starts, loads and ends. */

import type { Built } from '../built.ts';
import { Child } from '../child.ts';
import type { Wire } from '../load/wire.ts';

export interface StartOptions {
  /** Loads `servers/probe` into the process. */
  readonly isProbed?: boolean;
  /** For the environment of the process. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface RunningSystem {
  readonly wire: Wire;
  readonly child: Child;
  /** Where it keeps what it keeps. */
  readonly folder: string;
  stop(): Promise<void>;
}

export interface System {
  readonly name: string;
  /** Whether it is there to be compared with. */
  readonly isBaseline: boolean;
  start(built: Built, options?: StartOptions): Promise<RunningSystem>;
}

/** A command that runs Parlor or a program of the benchmark, each with the options of Node's with which Parlor is started. */
export function nodeCommand(
  built: Built,
  script: string,
  { isProbed = false }: StartOptions,
  args: readonly string[] = [],
): readonly string[] {
  const probe = isProbed ? ['--import', built.program('servers/probe')] : [];
  return [process.execPath, ...built.nodeOptions, ...probe, script, ...args];
}

/** A baseline in Node: a program in `servers/`. */
export function baseline(name: string, program: string, args: readonly string[] = []): System {
  return {
    name,
    isBaseline: true,
    async start(built, options = {}) {
      const folder = built.folder();
      const child = new Child({
        part: 'server',
        command: nodeCommand(built, built.program(`servers/${program}`), options, args),
        cwd: folder,
        ...(options.env ? { env: options.env } : {}),
      });
      const port = Number(await child.printed(/listening on (\d+)/).catch(stopping(child)));
      const kind = program === 'socket-io' ? 'socket.io' : 'plain';
      const wire: Wire = { kind, host: '127.0.0.1', port, pids: [child.pid] };
      return { wire, child, folder, stop: () => child.stop() };
    },
  };
}

/** Ends a process that did not start as it should. */
export function stopping(child: Child) {
  return async (error: unknown): Promise<never> => {
    await child.stop();
    throw error;
  };
}
