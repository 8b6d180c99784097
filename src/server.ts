/** Runs Parlor: reads the configuration, listens, and closes with grace. */

import { networkInterfaces } from 'node:os';
import { fileURLToPath } from 'node:url';
import closeWithGrace from 'close-with-grace';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { AppParts } from './app.ts';
import type { Config } from './config/config.ts';
import { configuredStore } from './config/configured-store.ts';
import { loadSettings } from './config/load-config.ts';
import { risksOf } from './config/risks.ts';
import type { MetricsPage } from './http/services.ts';
import { cannotListen, MetricsListener } from './listening.ts';
import { Counters } from './metrics/counters.ts';
import { StoreRefusal } from './stores/store-refusal.ts';
import { logObserver, logProblems } from './system/log-observer.ts';
import { serverLog } from './system/server-log.ts';
import { systemClock } from './system/system-clock.ts';

// What is still open by this share of the grace is cut off, so that the rest is enough to exit cleanly.
const cutOffShare = 0.8;

// SIGUSR2 is how some that watch over programs, such as nodemon, say that they will start it anew.
const closingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'] as const;
// By these the system ends a process that has crashed. Whoever listens keeps it from that: it would hang for ever.
const crashSignals = ['SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGSEGV'] as const;
// Ctrl-C under npm comes twice: from the terminal, and handed on by npm.
const sameSignalMs = 500;

// How many may wait to be accepted: Node takes one per turn of its event loop, and whoever finds no room tries again only
// after a second, then after three. Linux allows so many; other systems take less.
const backlog = 4_096;

async function main(): Promise<void> {
  const directory = process.cwd();
  const { config, settings } = loadSettings({
    environment: process.env,
    directory,
    warn: (line) => process.stderr.write(`${line}\n`),
  });
  const log = process.stdout.isTTY
    ? (await import('./system/terminal-log.ts')).terminalLog(config.logLevel)
    : serverLog(config.logLevel);
  for (const line of risksOf({ config, settings, directory })) log.warn(line);
  const counters = new Counters();
  const observer = counters.observe(logObserver(log));
  let metrics: MetricsListener | undefined;
  let app: Promise<FastifyInstance> | undefined;
  // Before anything is begun: as the first process of a container a signal without a listener would be lost.
  const grace = closeWithGrace(
    { delay: config.shutdownMs, logger: false, skip: [...closingSignals, ...crashSignals] },
    async ({ err }) => {
      if (err) log.fatal({ err }, 'fault');
      if (app) await closeApp(await app, config);
      await metrics?.close();
      log.info('closed');
    },
  );
  const signals = closeOnSignals(log, () => grace.close());
  // It opens in its thread while this one loads the rest, and answers 503 until it is open.
  const { store, opened, lost, isStuck } = await configuredStore(config, {
    clock: systemClock,
    observer,
  }).catch((error) => {
    // It would end the process as if all were well.
    grace.uninstall();
    throw error;
  });
  // Whatever ends the process would wait for a thread that waits for a disk. What it has acknowledged is on the disk.
  process.on('exit', () => {
    if (isStuck()) process.kill(process.pid, 'SIGKILL');
  });
  let onceReady = (): void => {};
  const onReady = (): void => onceReady();
  const onMetrics = (page: MetricsPage): void => {
    metrics = new MetricsListener(page, (error) => observer.fault?.(error, 'giving the figures'));
  };
  app = build(config, { store, observer, counters, log, onMetrics, onReady });
  try {
    const built = await app;
    if (metrics && typeof config.metrics === 'object') {
      log.info(`The figures are at ${await metrics.listen(config.metrics)}`);
    }
    const address = await start(built, config, opened);
    if (!signals.hasBegun) {
      const addresses = addressesOf(address, config);
      const tellOpen = (): void => {
        onceReady = () => {};
        log.info(`Parlor is open at ${addresses}`);
      };
      if (store.status === 'away') {
        // The last line of a start is what is read.
        log.warn(`Parlor waits for its store, and opens by itself at ${addresses}`);
        onceReady = tellOpen;
      } else tellOpen();
    }
  } catch (error) {
    // What is closed while it starts does not start.
    if (signals.hasBegun) return;
    grace.uninstall();
    await (await app).close();
    await metrics?.close();
    throw error;
  }
  // Unhandled on purpose: it is logged as fatal, and ends the process with exit code 1, for a supervisor to start anew.
  void lost.then((error) => {
    throw new Error('The store has ended by itself; start the server again.', { cause: error });
  });
}

async function build(
  config: Config,
  {
    log,
    ...parts
  }: Required<Pick<AppParts, 'store' | 'observer' | 'counters' | 'onMetrics' | 'onReady'>> & { log: Logger },
): Promise<FastifyInstance> {
  try {
    const { buildApp } = await import('./app.ts');
    return await buildApp(config, {
      publicDirectory: fileURLToPath(new URL('../public', import.meta.url)),
      ...parts,
      reportProblem: logProblems(log),
      warn: (line) => log.warn(line),
    });
  } catch (error) {
    // Nobody else would, and its thread keeps the process going.
    await parts.store.close();
    throw error;
  }
}

/** Closes; what is still open after a share of the grace is cut off. */
async function closeApp(app: FastifyInstance, config: Config): Promise<void> {
  const cutOff = setTimeout(() => app.server.closeAllConnections(), config.shutdownMs * cutOffShare);
  await app.close();
  clearTimeout(cutOff);
}

/** Closes on the first signal, also while the server starts; a second one ends at once. */
function closeOnSignals(log: Logger, close: () => void): { readonly hasBegun: boolean } {
  let firstAt: number | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (firstAt === undefined) {
      firstAt = performance.now();
      log.info({ signal }, 'closing');
      close();
    } else if (performance.now() - firstAt > sameSignalMs) {
      log.warn({ signal }, 'a second signal: ends at once');
      process.exit(1);
    }
  };
  for (const signal of closingSignals) process.on(signal, onSignal);
  return {
    get hasBegun() {
      return firstAt !== undefined;
    },
  };
}

/** Where people open the room, and where the server listens if that is another address, as a proxy must know. */
function addressesOf(address: string, config: Config): string {
  const { publicUrl } = config;
  const listened = listenedOn(address, config);
  return publicUrl === null || publicUrl === listened ? listened : `${publicUrl} (listens at ${listened})`;
}

/** The address listened on, and with all of them those of this machine. */
function listenedOn(address: string, { host, tlsCert }: Config): string {
  const scheme = tlsCert === null ? 'http' : 'https';
  if (host !== '0.0.0.0' && host !== '::') return address.replace(/^http:/, `${scheme}:`);
  const { port } = new URL(address);
  const others = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal);
  return ['127.0.0.1', ...others.map((own) => own.address)]
    .map((own) => `${scheme}://${own}:${port}`)
    .join(', ');
}

/**
 * Listens at once, so that who comes before the store is open is told to come again.
 * @throws Error with a line that says which option to change
 */
async function start(app: FastifyInstance, config: Config, opened: Promise<void>): Promise<string> {
  const address = await listen(app, config);
  await opened;
  return address;
}

/** @throws Error with a line that says which option to change */
async function listen(app: FastifyInstance, { host, port }: Config): Promise<string> {
  try {
    return await app.listen({ host, port, backlog });
  } catch (error) {
    throw cannotListen('HOST, PORT', { host, port }, error);
  }
}

main().catch((error) => {
  // One line for whoever starts the server. A store is asked by several who begin: any of them may hear first that it refuses.
  const option = error instanceof StoreRefusal ? 'STORE_URL: ' : '';
  process.stderr.write(`parlor: ${option}${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
