/**
 * Parlor itself: its own process, its public API, everything checked, every message on the disk before it is acknowledged
 * (`STORE_SYNCHRONOUS=full`) unless a case says otherwise. Only the limits on how much one client may do are lifted: all
 * clients come from one address here.
 */

import type { Built } from '../built.ts';
import { Child } from '../child.ts';
import type { Wire } from '../load/wire.ts';
import { nodeCommand, type StartOptions, type System, stopping } from './system.ts';

const liftedLimits = {
  SEND_LIMIT: 'off',
  UPDATES_LIMIT: 'off',
  CREATE_LIMIT: 'off',
  READ_LIMIT: 'off',
  FLOOD_STRIKES: 'off',
  MAX_STREAMS_PER_IP: 'off',
  MAX_MEMBERS: 'off',
  MAX_SESSIONS: 'off',
  MAX_LOOP_DELAY: 'off',
  MAX_MEMORY: 'off',
  // Sessions that only wait to be counted do not end meanwhile.
  SESSION_TIMEOUT: '3600',
};

/** Starts a server of Parlor with what a case wants of it. */
export async function startParlor(
  built: Built,
  options: StartOptions,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly child: Child; readonly folder: string; readonly port: number }> {
  const folder = built.folder();
  const child = new Child({
    part: 'server',
    command: nodeCommand(built, built.server, options),
    cwd: folder,
    env: { PORT: '0', ...env, ...liftedLimits, ...options.env },
  });
  const port = await child.printed(/Parlor is open at http:\/\/[^\s"]+:(\d+)/).catch(stopping(child));
  return { child, folder, port: Number(port) };
}

export const parlor: System = {
  name: 'Parlor',
  isBaseline: false,
  async start(built, options: StartOptions = {}) {
    const { child, folder, port } = await startParlor(built, options, { STORE_URL: 'sqlite:./parlor.db' });
    const wire: Wire = { kind: 'parlor', host: '127.0.0.1', port, pids: [child.pid] };
    return { wire, child, folder, stop: () => child.stop() };
  },
};
