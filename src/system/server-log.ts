/** The log of the server as a program: lines of JSON with nothing secret in them, and nothing that does something. */

import { type DestinationStream, type Logger, pino } from 'pino';
import { safeLine } from './log-lines.ts';
import { withoutSecrets } from './secrets.ts';

/**
 * @param destination where lines go; stdout if not given
 * @param safe makes a line harmless for whoever reads there
 */
export function serverLog(
  level: string,
  destination: DestinationStream = pino.destination({ sync: true }),
  safe = safeLine,
): Logger {
  // Not pino's own redaction, which knows exact names at depths that are listed, and nothing of texts.
  return pino({ level, hooks: { streamWrite: (line) => safe(withoutSecrets(line)) } }, destination);
}
