/** The same log for people on a terminal: loaded only there, for few servers have one, and it takes 15 ms. */

import type { Logger } from 'pino';
import pretty from 'pino-pretty';
import { safeLineForTerminal } from './log-lines.ts';
import { serverLog } from './server-log.ts';

/** @param destination where lines go; stdout if not given */
export function terminalLog(level: string, destination?: NodeJS.WritableStream): Logger {
  const lines = pretty({ sync: true, ignore: 'pid,hostname', ...(destination && { destination }) });
  return serverLog(level, lines, safeLineForTerminal);
}
