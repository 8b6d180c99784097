/** Runs Parlor: reads the configuration, listens, and closes with grace. */

import { fileURLToPath } from 'node:url';
import closeWithGrace from 'close-with-grace';
import type { FastifyInstance } from 'fastify';
import { type Logger, pino } from 'pino';
import pretty from 'pino-pretty';
import { buildApp } from './app.ts';
import type { Config } from './config/config.ts';
import { loadConfig } from './config/load-config.ts';
import { logObserver, logProblems } from './system/log-observer.ts';

// What is still open by this share of the grace is cut off, so that the rest is enough to exit cleanly.
const cutOffShare = 0.8;

const refusals: ReadonlyMap<string, string> = new Map([
  ['EADDRINUSE', 'something else listens there'],
  ['EACCES', 'this user may not'],
  ['EADDRNOTAVAIL', 'this machine has no such address'],
  ['ENOTFOUND', 'there is no host of this name'],
]);

async function main(): Promise<void> {
  const config = loadConfig({
    environment: process.env,
    directory: process.cwd(),
    warn: (line) => process.stderr.write(`${line}\n`),
  });
  const log = createLog(config);
  const app = await buildApp(config, {
    publicDirectory: fileURLToPath(new URL('../public', import.meta.url)),
    observer: logObserver(log),
    reportProblem: logProblems(log),
  });
  const address = await listen(app, config);
  log.info(`Parlor is open at ${address}`);
  closeWithGrace({ delay: config.shutdownMs, logger: false }, async ({ signal, err }) => {
    if (err) log.fatal({ err }, 'fault');
    else log.info({ signal }, 'closing');
    const cutOff = setTimeout(() => app.server.closeAllConnections(), config.shutdownMs * cutOffShare);
    await app.close();
    clearTimeout(cutOff);
    log.info('closed');
  });
}

/** @throws Error with a line that says which option to change */
async function listen(app: FastifyInstance, { host, port }: Config): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? refusals.get(String(error.code)) : undefined;
    throw why ? new Error(`HOST, PORT: cannot listen on ${host}, port ${port}: ${why}.`) : error;
  }
}

function createLog(config: Config): Logger {
  const options = { level: config.logLevel };
  return process.stdout.isTTY
    ? pino(options, pretty({ sync: true, ignore: 'pid,hostname' }))
    : pino(options, pino.destination({ sync: true }));
}

main().catch((error) => {
  // One line for whoever starts the server; faults of ours keep their stack in LOG_LEVEL=debug.
  process.stderr.write(`parlor: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
