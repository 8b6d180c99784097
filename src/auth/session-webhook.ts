/**
 * The session manager: a service of the administrator's that is asked about sessions, and told of them, whoever has
 * vouched for their users. Where it has to decide and cannot be reached, nobody may; what it is told of, nobody waits for.
 */

import { randomUUID } from 'node:crypto';
import type { Patience, User } from '../core/authenticator.ts';
import { ChatError } from '../core/errors.ts';
import { extendedHooks } from '../core/extended-hooks.ts';
import type { Operation, SessionHandle, WatchedHooks } from '../core/hooks.ts';
import type { SessionManager, SessionWish } from '../core/session-manager.ts';
import type { SessionRef } from '../core/store.ts';
import { BoundedQueue } from './bounded-queue.ts';
import { BriefMemory } from './brief-memory.ts';
import { inTime } from './in-time.ts';
import { Notifications } from './notifications.ts';
import { postJson, tellJson } from './post-json.ts';
import { ServiceAddresses, type ServiceAddressesOptions } from './service-addresses.ts';
import { refusalOf, serviceAnswerOf } from './service-answer.ts';

export interface SessionWebhookOptions extends ServiceAddressesOptions {
  /** The operations that it is asked about. */
  readonly operations: readonly Operation[];
  /** How long its answer about an operation counts. */
  readonly rememberMs: number;
  /** Told of how many notifications were given up. */
  readonly dropped: (count: number) => void;
}

/** Who is refused, or allowed what he wants. */
type Verdict = ChatError | undefined;

const busy = 'Too many ask at this moment. Try again.';
const maxRemembered = 10_000;

export class SessionWebhook implements SessionManager {
  readonly #options: SessionWebhookOptions;
  readonly #addresses: ServiceAddresses;
  // Apart, so that neither keeps the other from its turn.
  readonly #creates = new BoundedQueue({ atOnce: 32, waiting: 256 }, busy);
  readonly #requests = new BoundedQueue({ atOnce: 64, waiting: 1024 }, busy);
  readonly #verdicts: BriefMemory<Verdict>;
  readonly #notifications: Notifications;
  // What it was told of, for what it is told at the end. Bounded by the sessions.
  readonly #handles = new Map<string, SessionHandle>();

  constructor(options: SessionWebhookOptions) {
    const { clock, rememberMs, dropped } = options;
    this.#options = options;
    this.#addresses = new ServiceAddresses(options);
    this.#addresses.connectOnce();
    this.#verdicts = new BriefMemory(clock, rememberMs, maxRemembered);
    this.#notifications = new Notifications({
      clock,
      dropped,
      send: async (notification, closing) => {
        const told = await this.#addresses.call(async (url, signal) => {
          try {
            await tellJson(url, notification, AbortSignal.any([signal, closing]));
            return true;
          } catch (error) {
            // Cut off by us: that says nothing of the address.
            if (closing.aborted) return false;
            throw error;
          }
        });
        return told ?? false;
      },
    });
  }

  async admit({ room, name, user, delivery, address, replaces }: SessionWish): Promise<void> {
    const question = { type: 'create', room, name, user: plain(user), delivery, address, replaces };
    const refusal = await this.#judge(this.#creates, question, 'You may not come in.');
    if (refusal) throw refusal;
  }

  /** The hooks by which it hears of sessions and, where it wants, is asked about requests; those that are given are asked first. */
  watch(hooks: WatchedHooks): WatchedHooks {
    const onSessionCreated: NonNullable<WatchedHooks['onSessionCreated']> = (
      handle,
      { resumed, replaced },
    ) => {
      const { sessionId, user, name, room, address } = handle;
      const session = { sessionId, room, name, user: plain(user), address };
      this.#handles.set(sessionId, handle);
      this.#tell(sessionId, resumed ? 'resumed' : 'created', { ...session, replaced });
      return hooks.onSessionCreated?.(handle, { resumed, ...(replaced !== undefined && { replaced }) });
    };
    const onSessionDestroyed: NonNullable<WatchedHooks['onSessionDestroyed']> = (
      user,
      sessionId,
      reason,
      detail,
    ) => {
      const { name, room } = this.#handles.get(sessionId) ?? {};
      this.#handles.delete(sessionId);
      this.#tell(sessionId, 'destroyed', { sessionId, room, name, user: plain(user), reason, detail });
      return hooks.onSessionDestroyed?.(user, sessionId, reason, detail);
    };
    const authorize: NonNullable<WatchedHooks['authorize']> = async (user, operation, input) => {
      if (hooks.authorize && !(await hooks.authorize(user, operation, input))) return false;
      await this.#authorize(user, operation, input);
      return true;
    };
    const isAsked = this.#options.operations.length > 0;
    return extendedHooks(hooks, { onSessionCreated, onSessionDestroyed, ...(isAsked && { authorize }) });
  }

  /** A session has expired that no process has served since it was opened by another. */
  noteUnheldExpired({ room, sessionId }: SessionRef): void {
    this.#tell(sessionId, 'destroyed', { sessionId, room, reason: 'expired' });
  }

  /** The process stops: tells what there is still to tell, for at most `graceMs`. */
  close(graceMs: number): Promise<void> {
    return this.#notifications.close(graceMs);
  }

  /** @throws ChatError `permission-denied`, `unavailable` */
  async #authorize(
    user: User | null,
    operation: Operation,
    { sessionId, room, name }: { sessionId: string; room: string; name: string },
  ): Promise<void> {
    if (!this.#options.operations.includes(operation)) return;
    const question = { type: 'authorize', operation, sessionId, room, name, user: plain(user) };
    const key = JSON.stringify([operation, room, user ? user.id : null, user ? null : sessionId]);
    const usual = `You are not allowed to ${operation} here.`;
    const refusal = await this.#verdicts.get(key, () => this.#judge(this.#requests, question, usual));
    if (refusal) throw refusal;
  }

  #judge(queue: BoundedQueue, question: object, usual: string): Promise<Verdict> {
    const { clock, timeoutMs } = this.#options;
    const ask = (patience: Patience) => queue.run(() => this.#ask(question, usual), patience);
    return inTime(clock, timeoutMs, ask, outOfReach);
  }

  async #ask(question: object, usual: string): Promise<Verdict> {
    const verdict = await this.#addresses.call(async (url, signal) => {
      const { accept, members } = serviceAnswerOf(await postJson(url, question, signal));
      return { refusal: accept ? undefined : refusalOf(members.reason, usual) };
    });
    if (verdict) return verdict.refusal;
    throw outOfReach();
  }

  #tell(sessionId: string, type: string, content: object): void {
    const id = randomUUID();
    this.#notifications.tell(sessionId, { type, id, timestamp: this.#options.clock.wall(), ...content });
  }
}

/** What a service is told of a user. */
function plain(user: User | null): object | null {
  if (!user) return null;
  const { id, name, claims, expiresAt } = user;
  return { id, name, claims, expiresAt };
}

function outOfReach(): ChatError {
  return new ChatError('unavailable', 'Who decides about this cannot be reached. Try again.');
}
