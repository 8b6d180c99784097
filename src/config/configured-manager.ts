/** The session manager that a configuration names. */

import { SessionWebhook } from '../auth/session-webhook.ts';
import type { Clock } from '../core/clock.ts';
import type { RoomObserver } from '../core/observer.ts';
import type { Config } from './config.ts';

interface ManagerParts {
  readonly clock: Clock;
  readonly observer: RoomObserver;
  /** Told in one line of what is probably a mistake. */
  readonly warn: (line: string) => void;
}

export interface ConfiguredManager {
  /** Undefined if none is wanted. */
  readonly manager: SessionWebhook | undefined;
  /** How old an answer about a permission may be when it is given: of REVOKE_SECONDS the others have the rest. */
  readonly rememberMs: number;
}

const mostRememberedMs = 1_000;

export function configuredManager(
  config: Config,
  { clock, observer, warn }: ManagerParts,
): ConfiguredManager {
  const { sessionWebhook: urls, sessionWebhookAuthorize: operations, authTimeoutMs, revokeMs } = config;
  if (urls.length === 0) return { manager: undefined, rememberMs: 0 };
  const rememberMs = Math.min(mostRememberedMs, revokeMs / 4);
  const manager = new SessionWebhook({
    urls,
    operations,
    rememberMs,
    timeoutMs: authTimeoutMs,
    clock,
    warn: (line) => warn(`SESSION_WEBHOOK: the service at ${line}.`),
    dropped: (count) => observer.notificationsDropped?.(count),
  });
  return { manager, rememberMs };
}
