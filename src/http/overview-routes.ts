/** What an operator sees of the whole server: its rooms, and its figures. Looking changes nothing. */

import type { FastifyInstance } from 'fastify';
import type { ChatRoom } from '../core/chat-room.ts';
import { LoopDelayMeter } from '../metrics/loop-delay.ts';
import { heapBytes, residentBytes } from '../metrics/memory.ts';
import { Problem } from '../schemas/common.ts';
import { type AdminRoom, AdminRoomsAnswer, StatsAnswer } from '../schemas/overview.ts';
import { version } from '../system/version.ts';
import { adminHook } from './admin-token.ts';
import type { Services } from './services.ts';
import type { TypedApp } from './typed-app.ts';

export async function overviewRoutes(scope: FastifyInstance, services: Services): Promise<void> {
  const app: TypedApp = scope.withTypeProvider();
  const onRequest = adminHook(services);
  const loopDelay = new LoopDelayMeter(services.clock);
  const startedAt = services.clock.wall();
  const ownVersion = version();
  scope.addHook('onClose', async () => loopDelay.stop());

  app.get(
    '/v1/admin/rooms',
    {
      schema: {
        operationId: 'adminRooms',
        summary: 'The configured rooms, those in memory and those that are closed',
        api: { tag: 'administration', access: 'operator', answers: { 200: 'All of them' } },
        response: { 200: AdminRoomsAnswer, default: Problem },
      },
      onRequest,
    },
    async () => ({ rooms: await adminRooms(services) }),
  );

  app.get(
    '/v1/admin/stats',
    {
      schema: {
        operationId: 'stats',
        summary: 'The figures of this process',
        api: { tag: 'administration', access: 'operator', answers: { 200: 'The figures' } },
        response: { 200: StatsAnswer, default: Problem },
      },
      onRequest,
    },
    async () => {
      const { clock, registry, rooms, streams, counters, store } = services;
      const sessions = { pull: 0, push: 0, reserved: 0 };
      for (const session of registry.sessions()) {
        sessions[session.isJoined ? session.delivery : 'reserved'] += 1;
      }
      const loaded = rooms.loaded();
      const { user, system } = process.cpuUsage();
      const { mean, p99 } = loopDelay.take();
      return {
        now: clock.wall(),
        startedAt,
        version: ownVersion,
        status: services.state(),
        sessions,
        rooms: loaded.length,
        members: loaded.reduce((sum, { log }) => sum + log.roster.size, 0),
        streams: streams.size,
        polls: streams.polls,
        counters: counters.now,
        lag: streams.survey().lag,
        store: { status: store.status, trouble: store.trouble ?? null, network: store.figures?.() ?? null },
        memory: { rss: residentBytes() ?? 0, heapUsed: heapBytes() },
        loopDelayMs: { mean, p99 },
        overload: overloadOf(services),
        cpu: { userMs: Math.round(user / 1000), systemMs: Math.round(system / 1000) },
      };
    },
  );
}

function overloadOf({ overload: { cause, since } }: Services): StatsAnswer['overload'] {
  return cause === undefined || since === undefined ? null : { cause, since };
}

async function adminRooms(services: Services): Promise<AdminRoom[]> {
  const { rooms, registry, restrictions } = services;
  // What is configured is there, in memory or not. A closed room that is not in memory is not opened by looking.
  for (const name of rooms.configured) await rooms.open(name);
  const loaded = new Map(rooms.loaded().map((room) => [room.name, room]));
  const sessions = new Map<string, number>();
  for (const { room } of registry.sessions()) sessions.set(room, (sessions.get(room) ?? 0) + 1);
  const names = [...new Set([...loaded.keys(), ...restrictions.closedRooms()])].sort();
  return names.map((name) => ({
    name,
    ...figuresOf(loaded.get(name), services),
    sessions: sessions.get(name) ?? 0,
    closed: closureOf(name, services),
  }));
}

function figuresOf(room: ChatRoom | undefined, { fanOuts }: Services) {
  if (!room) return { members: 0, streams: 0, events: 0, bytes: 0 };
  const { roster, length, bytes } = room.log;
  return { members: roster.size, streams: fanOuts.of(room).size, events: length, bytes };
}

function closureOf(name: string, { restrictions }: Services): AdminRoom['closed'] {
  const closure = restrictions.closureOf(name);
  return closure ? { since: closure.createdAt, reason: closure.reason } : null;
}
