/**
 * Parlor as a Fastify plugin: puts the domain together and mounts the API. Encapsulated, so that a `prefix`
 * works and nothing of the surrounding application is changed.
 */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Config } from './config/config.ts';
import { configuredAuthenticators } from './config/configured-authenticators.ts';
import { configuredManager } from './config/configured-manager.ts';
import { configuredStore, historyOf, type StoreParts } from './config/configured-store.ts';
import type { Authenticator } from './core/authenticator.ts';
import type { Clock } from './core/clock.ts';
import type { Hooks } from './core/hooks.ts';
import type { RoomObserver } from './core/observer.ts';
import { KeyedRateLimit } from './core/rate-limit.ts';
import { ReaperTask } from './core/reaper-task.ts';
import { Restrictions } from './core/restrictions.ts';
import { Rooms } from './core/rooms.ts';
import { SessionRegistry } from './core/session-registry.ts';
import type { Store, StoreStatus } from './core/store.ts';
import type { Tokens } from './core/tokens.ts';
import { UserExpiry } from './core/user-expiry.ts';
import { UserRevocation } from './core/user-revocation.ts';
import { Entitlements } from './delivery/entitlements.ts';
import { FanOuts } from './delivery/fan-out.ts';
import { Passes } from './delivery/passes.ts';
import { StreamSet } from './delivery/stream-set.ts';
import { tooManyTokens } from './http/admin-token.ts';
import { mountApi, type Stylesheets } from './http/api.ts';
import { closeAsTheyIdle, linger } from './http/lingering.ts';
import { Overload } from './http/overload.ts';
import { counted, type ReportProblem } from './http/problem-handlers.ts';
import { serverState } from './http/server-state.ts';
import type { MetricsPage, Services } from './http/services.ts';
import { Counters } from './metrics/counters.ts';
import { LoopDelayMeter } from './metrics/loop-delay.ts';
import { measureStrain, strainBounds } from './metrics/strain.ts';
import { descriptorLimit, openDescriptors } from './system/descriptors.ts';
import { skeleton } from './system/skeleton.ts';
import { systemClock } from './system/system-clock.ts';
import { systemTokens } from './system/system-tokens.ts';
import { version } from './system/version.ts';

/** What the server is made of; each part has a default. */
export interface ParlorParts {
  readonly store?: Store;
  readonly clock?: Clock;
  readonly tokens?: Tokens;
  /** Decides instead of what `AUTH` names. */
  readonly authenticator?: Authenticator;
  readonly hooks?: Hooks;
  readonly observer?: RoomObserver;
  /** What `observer` counts with, if it counts already, since the store was open before. */
  readonly counters?: Counters;
  /** Told of every error answer, with the id that the client got, and of what led to it. */
  readonly reportProblem?: ReportProblem;
  /** Told in one line of what is probably a mistake of the set-up. */
  readonly warn?: (line: string) => void;
  /** Given the figures, if they are for an address of their own: whoever starts the server listens there. */
  readonly onMetrics?: (metrics: MetricsPage) => void;
  /** Called when requests are taken that were refused before, since the store was away; maybe more than once. */
  readonly onReady?: () => void;
}

export interface ParlorOptions extends ParlorParts {
  readonly config: Config;
  /** Told of a request when its stream has begun, which may last for hours. */
  readonly onStream?: (request: FastifyRequest) => void;
  readonly stylesheets?: Stylesheets;
}

// How many wrong ADMIN_TOKENs an address may give.
const adminFailures = { option: 'ADMIN_TOKEN', count: 5, seconds: 60 };

// Of the time to stop: what is not told by then is given up, so that the rest is enough to exit cleanly.
const tellingShare = 0.9;

/** @throws Error in one line if the configured store cannot be used */
export async function parlor(app: FastifyInstance, options: ParlorOptions): Promise<void> {
  await mountParlor(app, options);
}

/**
 * As `parlor`, for whoever uses what it is made of.
 * @throws Error in one line if the configured store cannot be used
 */
export async function mountParlor(app: FastifyInstance, options: ParlorOptions): Promise<Services> {
  const { config, clock = systemClock, tokens = systemTokens, hooks = {} } = options;
  const { counters = new Counters() } = options;
  const observer = options.counters ? (options.observer ?? {}) : counters.observe(options.observer ?? {});
  const warn = (line: string) => options.warn?.(line);
  const { authenticators, failures } = await configuredAuthenticators(
    config,
    { clock, skeleton, warn },
    options.authenticator,
  );
  const store = options.store ?? (await openStore(config, { clock, observer }));
  const rooms = new Rooms({
    names: config.rooms,
    maxRooms: config.maxRooms,
    maxMembers: config.maxMembers,
    history: historyOf(config),
    maxTotalBytes: config.historyTotalBytes,
    unloadAfterMs: config.sessionTimeoutMs ?? 60_000,
    store,
    clock,
    observer,
  });
  const restrictions = new Restrictions({
    store,
    clock,
    tokens,
    skeleton,
    maxNameLength: config.maxNameLength,
    requireRoom: (name) => rooms.requireRoom(name),
    observer,
  });
  const expiry = new UserExpiry(clock, observer);
  const revocation = new UserRevocation({
    clock,
    observer,
    revokeMs: config.revokeMs,
    vouching: authenticators.hasVouching ? () => authenticators.vouching() : undefined,
  });
  const { manager, rememberMs } = configuredManager(config, { clock, observer, warn });
  // All are asked, and all must allow. The manager is told first: who watches may end a session while it hears of it.
  const watched = revocation.watch(expiry.watch(hooks));
  const managed = manager?.watch(watched) ?? watched;
  const registry = new SessionRegistry({
    rooms,
    store,
    clock,
    tokens,
    skeleton,
    restrictions,
    hooks: managed,
    observer,
    manager,
    limits: {
      maxSessions: config.maxSessions,
      maxNameLength: config.maxNameLength,
      maxMessageBytes: config.maxMessageBytes,
      maxStreams: config.maxStreamsPerSession,
      send: config.sendLimit,
      updates: config.updatesLimit,
      floodStrikes: config.floodStrikes,
      timeoutMs: config.sessionTimeoutMs,
    },
  });
  const createLimit = new KeyedRateLimit(config.createLimit);
  const readLimit = new KeyedRateLimit(config.readLimit);
  const adminLimit = new KeyedRateLimit(adminFailures, tooManyTokens);
  const reaper = new ReaperTask({
    registry,
    rooms,
    store,
    clock,
    observer,
    limits: [createLimit, readLimit, adminLimit, failures],
    intervalMs: config.reaperIntervalMs,
    timeoutMs: config.sessionTimeoutMs,
    onUnheldExpired: manager && ((ref) => manager.noteUnheldExpired(ref)),
  });
  const passes = new Passes(clock);
  const streams = new StreamSet({
    clock,
    passes,
    heartbeatMs: config.heartbeatMs,
    slowMs: config.slowClientMs,
    maxPerAddress: config.maxStreamsPerIp,
  });
  restrictions.onChange(() => streams.noteRestrictions(restrictions));
  await restrictions.open();
  const entitlements = new Entitlements({
    clock,
    revokeMs: config.revokeMs - rememberMs,
    isAsked: managed.authorize !== undefined,
  });
  const noteStatus = (status: StoreStatus): void => streams.noteStore(status === 'away');
  noteStatus(store.status);
  // It may have been found to be away before anybody listened.
  if (store.status === 'away') observer.storeStatus?.('away', store.trouble);
  const forgetStatus = store.onStatus((status) => {
    noteStatus(status);
    observer.storeStatus?.(status, store.trouble);
  });
  const loopDelay = new LoopDelayMeter(clock);
  const overload = new Overload({
    clock,
    bounds: strainBounds(config.maxLoopDelayMs, config.maxMemoryBytes),
    measure: () => measureStrain(loopDelay),
    observer,
  });
  let isDraining = false;
  let closingSince: number | undefined;
  const state = () => serverState(isDraining, store.status, restrictions.isKnown);
  const tellReady = (): void => {
    if (state() === 'ready') options.onReady?.();
  };
  restrictions.onChange(tellReady);
  const forgetReady = store.onStatus(tellReady);
  const sources = { config, clock, counters, store, rooms, registry, streams, state, overload };
  const metrics = isMeasured(config) ? await openMetrics(sources) : undefined;
  if (metrics && config.metrics !== 'admin') options.onMetrics?.(metrics);
  const services: Services = {
    config,
    clock,
    tokens,
    rooms,
    registry,
    store,
    restrictions,
    streams,
    entitlements,
    fanOuts: new FanOuts(config.slowClientBytes, passes, clock, observer, counters),
    authenticators,
    observer,
    counters,
    createLimit,
    readLimit,
    adminLimit,
    metrics,
    state,
    overload,
    reportProblem: counted(counters, options.reportProblem),
    onStream: (request) => options.onStream?.(request),
  };

  await mountApi(app, services, options.stylesheets ?? {});

  app.addHook('onReady', async () => {
    reaper.start();
    expiry.start();
    revocation.start();
    streams.start();
    entitlements.start();
    overload.start();
  });
  // Open streams never hold up a shutdown [FAN-6].
  app.addHook('preClose', async () => {
    isDraining = true;
    closingSince = clock.monotonic();
    await Promise.all([streams.endAll('shutdown'), linger(app.server, config.shutdownMs)]);
    if (app.server.listening) closeAsTheyIdle(app.server);
  });
  app.addHook('onClose', async () => {
    reaper.stop();
    expiry.stop();
    revocation.stop();
    streams.stop();
    entitlements.stop();
    overload.stop();
    loopDelay.stop();
    forgetStatus();
    forgetReady();
    metrics?.stop();
    restrictions.close();
    await registry.release();
    rooms.close();
    const goneMs = clock.monotonic() - (closingSince ?? clock.monotonic());
    const graceMs = Math.max(0, config.shutdownMs * tellingShare - goneMs);
    await Promise.all([store.close(), manager?.close(graceMs)]);
  });
  return services;
}

/** Whether anybody may ask for the figures. */
function isMeasured({ metrics, adminToken }: Config): boolean {
  return metrics !== 'off' && (metrics !== 'admin' || adminToken !== null);
}

type MeasuredServices = Pick<
  Services,
  'config' | 'clock' | 'counters' | 'store' | 'rooms' | 'registry' | 'streams' | 'state' | 'overload'
>;

/** Loads what makes figures of numbers only here: most servers need none of it. */
async function openMetrics({ config, ...sources }: MeasuredServices) {
  const { Metrics } = await import('./metrics/metrics.ts');
  return new Metrics({
    ...sources,
    version: version(),
    limits: {
      MAX_SESSIONS: config.maxSessions,
      MAX_MEMBERS: config.maxMembers,
      MAX_ROOMS: config.maxRooms,
      HISTORY_TOTAL_BYTES: config.historyTotalBytes,
    },
    openDescriptors,
    maxDescriptors: descriptorLimit(),
  });
}

async function openStore(config: Config, parts: StoreParts): Promise<Store> {
  const { store, opened } = await configuredStore(config, parts);
  await opened;
  return store;
}
