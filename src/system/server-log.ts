/** The log of the server as a program: lines of JSON, or for people on a terminal; nothing secret in them, and nothing that does something. */

import { type DestinationStream, type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import { safeLine, safeLineForTerminal } from './log-lines.ts';

// Nothing that is logged has such a member. Errors of libraries, and of hooks, may: what they were about hangs on them.
const secrets = [
  'password',
  'passwd',
  'token',
  'secret',
  'authorization',
  'cookie',
  '["set-cookie"]',
  'adminToken',
  'jwtSecret',
  'privateKey',
];
/** So deep: `err.config.headers.authorization`. */
const maxDepth = 3;

const redact = {
  paths: Array.from({ length: maxDepth + 1 }, (_, depth) =>
    secrets.map((name) => (depth === 0 ? name : `${Array(depth).fill('*').join('.')}${inside(name)}`)),
  ).flat(),
  censor: '[secret]',
};

/**
 * @param isTTY whether people look at it on a terminal
 * @param destination where lines go; stdout if not given
 */
export function serverLog(level: string, isTTY: boolean, destination?: DestinationStream): Logger {
  const hooks = { streamWrite: isTTY ? safeLineForTerminal : safeLine };
  const options = { level, redact, hooks };
  return isTTY
    ? pino(options, pretty({ sync: true, ignore: 'pid,hostname', ...(destination && { destination }) }))
    : pino(options, destination ?? pino.destination({ sync: true }));
}

function inside(name: string): string {
  return name.startsWith('[') ? name : `.${name}`;
}
