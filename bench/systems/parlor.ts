/**
 * Parlor itself: its own process, its public API, everything checked, every message on the disk before it is acknowledged
 * (`STORE_SYNCHRONOUS=full`) unless a case says otherwise. Only the limits on how much one client may do are lifted: all
 * clients come from one address here.
 */

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
  // Sessions that only wait to be counted do not end meanwhile.
  SESSION_TIMEOUT: '3600',
};

export const parlor: System = {
  name: 'Parlor',
  isBaseline: false,
  async start(built, options: StartOptions = {}) {
    const folder = built.folder();
    const child = new Child({
      part: 'server',
      command: nodeCommand(built, built.server, options),
      cwd: folder,
      env: { PORT: '0', STORE_URL: 'sqlite:./parlor.db', ...liftedLimits, ...options.env },
    });
    const port = await child.printed(/Parlor is open at http:\/\/[^\s"]+:(\d+)/).catch(stopping(child));
    const wire: Wire = { kind: 'parlor', host: '127.0.0.1', port: Number(port), pids: [child.pid] };
    return { wire, child, folder, stop: () => child.stop() };
  },
};
