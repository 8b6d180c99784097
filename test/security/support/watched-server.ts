/** A server of whose every change a test learns: what its store was asked to change, and how everything stands. */

import assert from 'node:assert/strict';
import diagnostics from 'node:diagnostics_channel';
import type { FastifyInstance, RouteOptions } from 'fastify';
import type { AppParts } from '../../../src/app.ts';
import { MemoryStore } from '../../../src/stores/memory-store.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { FaultyStore } from '../../support/faulty-store.ts';
import { startServer, type TestServer } from '../../support/test-server.ts';
import { askerOf } from './asking.ts';

export const adminToken = 'an-operators-secret-of-enough-characters';
export const rooms = ['lobby', 'other'] as const;

/** How everything stands, but for what belongs to some. */
export interface State {
  /** Each as an operator sees it. */
  readonly sessions: readonly Readonly<Record<string, unknown>>[];
  /** What is kept of each room, as the store has it. */
  readonly rooms: Readonly<Record<string, unknown>>;
}

export interface WatchedServer extends TestServer {
  readonly clock: FakeClock;
  /** Closed with the server, whose faults fail the test then. */
  readonly ask: ReturnType<typeof askerOf>;
  /** The methods of each route as it was registered, those that only refuse among them. */
  readonly routes: ReadonlyMap<string, ReadonlySet<string>>;
  /** How often the store was asked to change something that others notice. */
  readonly changes: () => number;
  /** @param without names of those whose sessions and events do not matter */
  state(without?: readonly string[]): Promise<State>;
}

// What the store is asked without anything being changed, but for positions and signs of life.
const harmless: ReadonlySet<string> = new Set([
  'load',
  'findSession',
  'touch',
  'savePositions',
  'expired',
  'close',
]);
const history = { events: 10_000, bytes: 1 << 24, ageMs: Number.POSITIVE_INFINITY };

/** Nothing expires within a day, and no limit is met, but for the one of wrong ADMIN_TOKENs. */
export async function watchedServer(
  options: Readonly<Record<string, string>> = {},
  parts: Partial<AppParts> = {},
): Promise<WatchedServer> {
  const clock = new FakeClock();
  const store = new FaultyStore(new MemoryStore({ clock, history, maxTotalBytes: 1 << 28 }));
  const routes = new Map<string, Set<string>>();
  const noteRoutes = routeNoter(routes);
  diagnostics.subscribe('fastify.initialization', noteRoutes);
  const server = await startServer(
    {
      ROOMS: rooms.join(),
      ADMIN_TOKEN: adminToken,
      SESSION_TIMEOUT: '86400',
      CREATE_LIMIT: 'off',
      READ_LIMIT: 'off',
      SEND_LIMIT: 'off',
      UPDATES_LIMIT: 'off',
      FLOOD_STRIKES: 'off',
      ...options,
    },
    { clock, store, ...parts },
  );
  diagnostics.unsubscribe('fastify.initialization', noteRoutes);

  const ask = askerOf(server.port);
  const sessions = async (): Promise<readonly Record<string, unknown>[]> => {
    const { status, text } = await ask({
      method: 'GET',
      path: '/v1/admin/sessions?limit=1000',
      headers: { authorization: `Bearer ${adminToken}` },
    });
    assert.equal(status, 200, text);
    return JSON.parse(text).sessions;
  };
  const roomState = async (room: string, without: readonly string[]): Promise<unknown> => {
    const { log, unsubscribe } = await store.load(room, { deliver() {}, ended() {} });
    unsubscribe();
    const events = log.events.filter(({ event }) => !('name' in event) || !without.includes(event.name));
    return {
      ...log,
      events: events.map(({ event }) => (without.length === 0 ? event : { ...event, id: null })),
    };
  };
  return {
    ...server,
    clock,
    routes,
    ask,
    async close() {
      ask.close();
      await server.close();
      assert.deepEqual(server.faults, []);
    },
    changes: () =>
      [...store.calls].reduce((sum, [operation, count]) => sum + (harmless.has(operation) ? 0 : count), 0),
    async state(without = []) {
      return {
        sessions: (await sessions()).filter(({ name }) => !without.includes(String(name))),
        rooms: Object.fromEntries(
          await Promise.all(rooms.map(async (room) => [room, await roomState(room, without)])),
        ),
      };
    },
  };
}

/** Told of each application that comes into being. */
function routeNoter(routes: Map<string, Set<string>>): (message: unknown) => void {
  return (message) => {
    const { fastify } = message as { fastify: FastifyInstance };
    fastify.addHook('onRoute', ({ url, method }: RouteOptions) => {
      const methods = routes.get(url) ?? new Set<string>();
      for (const each of [method].flat()) methods.add(each);
      routes.set(url, methods);
    });
  };
}
