/**
 * How the server stands, and what it answers while it takes no requests: 503, and when to come back. One hook for all
 * routes; what it has let through is answered, also when the server begins to drain meanwhile.
 */

import type { FastifyInstance } from 'fastify';
import { ChatError } from '../core/errors.ts';
import type { StoreStatus } from '../core/store.ts';

/** `store-away`: what is kept can be read, but nothing can be said. */
export type ServerState = 'starting' | 'ready' | 'store-away' | 'draining';

type ClosedState = Extract<ServerState, 'starting' | 'draining'>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** In which states this is answered although requests are refused. */
    answeredWhile?: readonly ClosedState[];
  }
}

const refusals: Readonly<Record<ClosedState, { detail: string; retryAfterMs: number }>> = {
  starting: { detail: 'The server is starting. Try again in a moment.', retryAfterMs: 1_000 },
  draining: { detail: 'The server is stopping. Try again in a moment.', retryAfterMs: 2_000 },
};

/** What says about itself how the server is, is answered always. */
export const always: readonly ClosedState[] = ['starting', 'draining'];

/** @param areBansKnown whether the store has said who is kept out: nobody comes in before */
export function serverState(isDraining: boolean, store: StoreStatus, areBansKnown: boolean): ServerState {
  if (isDraining) return 'draining';
  if (store === 'away') return 'store-away';
  return areBansKnown ? store : 'starting';
}

/** Refuses requests of this scope while the server is starting or draining. */
export function useOpenServer(app: FastifyInstance, stateNow: () => ServerState): void {
  app.addHook('onRequest', (request, _reply, done) => {
    const state = stateNow();
    // A preflight that is refused would hide from the page why, and when to come back.
    if (!isClosed(state) || request.method === 'OPTIONS') done();
    else if (request.routeOptions.config.answeredWhile?.includes(state)) done();
    else done(refusal(state));
  });
}

/**
 * For what must not begin once the server is draining, however long ago the hook has let it through.
 * @throws ChatError `unavailable`
 */
export function requireOpenServer(state: ServerState): void {
  if (isClosed(state)) throw refusal(state);
}

function isClosed(state: ServerState): state is ClosedState {
  return state === 'starting' || state === 'draining';
}

function refusal(state: ClosedState): ChatError {
  const { detail, retryAfterMs } = refusals[state];
  return new ChatError('unavailable', detail, { retryAfterMs });
}
