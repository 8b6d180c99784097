/** Parlor in somebody else's Fastify application: `app.register(parlor, {…})`, and then `app.parlor`. */

import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { ConfigError } from './config/config-error.ts';
import { plainConfig } from './config/plain-config.ts';
import type { PlainOptions } from './config/plain-options.ts';
import type { Authenticator } from './core/authenticator.ts';
import type { Hooks } from './core/hooks.ts';
import { type Parlor, ServerSide } from './delivery/server-side.ts';
import { mountParlor } from './plugin.ts';
import { logObserver, logProblems } from './system/log-observer.ts';

export type { PlainOptions } from './config/plain-options.ts';
export type { Admission, Authenticator, Credentials, User, Vouching } from './core/authenticator.ts';
export type { BanRequest } from './core/ban-request.ts';
export type { SessionEndReason } from './core/endings.ts';
export { ChatError, type ErrorCode } from './core/errors.ts';
export type {
  AnnouncementEvent,
  ChatRoomEvent,
  JoinEvent,
  LeaveEvent,
  MessageEvent,
  RedactionEvent,
} from './core/events.ts';
export type {
  Arrival,
  Disposable,
  Hooks,
  Operation,
  OperationInput,
  SessionHandle,
} from './core/hooks.ts';
export type { Ban, BanKind } from './core/restriction.ts';
export type { Parlor, RoomInfo } from './delivery/server-side.ts';
export type { EventListener, Member, SentMessage } from './delivery/server-side-member.ts';

/** What `app.register(parlor, …)` takes. */
export interface ParlorOptions extends PlainOptions {
  /** Where the API begins in the application: `/chat` makes `/chat/v1/rooms/…`. */
  readonly prefix?: string;
  /** What the application is asked and told. */
  readonly hooks?: Hooks | undefined;
  /** Who may come in; without it, whoever the option `auth` lets in. */
  readonly authenticator?: Authenticator | undefined;
}

declare module 'fastify' {
  interface FastifyInstance {
    /** The rooms for server-side code; there once `parlor` is registered in this scope or one around it. */
    parlor: Parlor;
  }
}

/**
 * Mounts the API below `prefix`, and decorates the scope that it is registered in with `parlor`. Nothing else of the
 * application is changed: hooks, parsers and handlers of errors stay inside. What happens is written to `app.log`.
 *
 * @throws ConfigError in one line on an option that cannot be used, and Error if its store cannot
 * @example
 * ```ts
 * await app.register(parlor, { prefix: '/chat', rooms: ['lobby'], storeUrl: 'sqlite:./data/chat.db' });
 * await app.parlor.send('lobby', 'Bot', 'Good morning!');
 * ```
 */
const parlor = fp<ParlorOptions>(register, { name: 'parlor', fastify: '5.x' });
export default parlor;
export { parlor };

async function register(app: FastifyInstance, options: ParlorOptions): Promise<void> {
  if (app.hasDecorator('parlor')) {
    throw new Error('There is a Parlor in this scope already; register another one in a scope of its own.');
  }
  const { prefix, hooks, authenticator, ...plain } = options;
  const config = plainConfig(plain);
  if (typeof config.metrics === 'object') {
    throw new ConfigError('METRICS (metrics): expected admin or off: it is the application that listens.');
  }
  const observer = logObserver(app.log);
  // The API in a scope of its own: a prefix works there, and what it does to requests stays there.
  await app.register(
    async (scope) => {
      const services = await mountParlor(scope, {
        config,
        observer,
        reportProblem: logProblems(app.log),
        ...(hooks && { hooks }),
        ...(authenticator && { authenticator }),
      });
      app.decorate('parlor', new ServerSide(services));
    },
    prefix === undefined ? {} : { prefix },
  );
}
