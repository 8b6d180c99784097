/** The log of the server as a program: lines of JSON, or for people on a terminal; nothing secret in them, and nothing that does something. */

import { type DestinationStream, type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import { safeLine, safeLineForTerminal } from './log-lines.ts';
import { withoutSecrets } from './secrets.ts';

/**
 * @param isTTY whether people look at it on a terminal
 * @param destination where lines go; stdout if not given
 */
export function serverLog(level: string, isTTY: boolean, destination?: DestinationStream): Logger {
  const safe = isTTY ? safeLineForTerminal : safeLine;
  // Not pino's own redaction, which knows exact names at depths that are listed, and nothing of texts.
  const options = { level, hooks: { streamWrite: (line: string) => safe(withoutSecrets(line)) } };
  return isTTY
    ? pino(options, pretty({ sync: true, ignore: 'pid,hostname', ...(destination && { destination }) }))
    : pino(options, destination ?? pino.destination({ sync: true }));
}
