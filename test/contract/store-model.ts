/** One room of a store as simple as can be, to compare real ones with. */

import fc from 'fast-check';
import type { SessionClaim } from '../../src/core/store.ts';
import { user } from '../support/domain.ts';

export type ModelStep =
  | {
      readonly type: 'open';
      readonly claim: SessionClaim;
      readonly join: boolean;
      readonly maxMembers: number;
    }
  | { readonly type: 'join' | 'close' | 'touch' | 'find'; readonly claim: SessionClaim }
  | {
      readonly type: 'send';
      readonly claim: SessionClaim;
      readonly text: string;
      readonly key: string | null;
    }
  | { readonly type: 'announce'; readonly text: string }
  | { readonly type: 'redact'; readonly target: number };

/** What a key was given with; null: any text. */
interface ModelKey {
  text: string | null;
  readonly id: number;
}

interface ModelSession {
  claim: SessionClaim;
  tokenHash: string;
  isJoined: boolean;
  isUsed: boolean;
  readonly startId: number;
  readonly keys: Map<string, ModelKey>;
}

export class StoreModel {
  /** As `told` tells them, redacted ones without their text. */
  readonly events: string[] = [];
  readonly endings: string[] = [];
  readonly #epoch: string;
  #sessions: ModelSession[] = [];
  /** By what was redacted. */
  readonly #redactions = new Map<number, number>();

  constructor(epoch: string) {
    this.#epoch = epoch;
  }

  take(step: ModelStep): unknown {
    if (step.type === 'announce') return this.events.push(`! ${step.text}`);
    if (step.type === 'redact') return this.#redact(step.target);
    const session = this.#sessions.find((one) => one.claim.sessionId === step.claim.sessionId);
    switch (step.type) {
      case 'open':
        return this.#open(step.claim, step.join, step.maxMembers);
      case 'join':
        if (session && !session.isJoined) this.#join(session);
        return session !== undefined;
      case 'close':
        if (session) this.#close(session, 'destroyed', true);
        return undefined;
      case 'send':
        return session ? this.#send(session, step.text, step.key) : 'session-gone';
      case 'touch':
        if (session) session.isUsed = true;
        return undefined;
      case 'find':
        return this.#sessions.find((one) => one.tokenHash === step.claim.tokenHash)?.claim.sessionId ?? null;
    }
  }

  #open(claim: SessionClaim, join: boolean, maxMembers: number): unknown {
    const holder = this.#sessions.find((one) => one.claim.nameKey === claim.nameKey);
    const isSameUser = holder?.claim.user?.id === claim.user?.id;
    if (
      holder &&
      !holder.isUsed &&
      claim.createKey &&
      holder.claim.createKey === claim.createKey &&
      isSameUser
    ) {
      holder.tokenHash = claim.tokenHash;
      return this.#answer('reopened', holder);
    }
    const previous = claim.user && this.#sessions.find((one) => one.claim.user?.id === claim.user?.id);
    if (holder && holder !== previous) return { outcome: 'name-in-use' };
    if (!previous && this.#sessions.length >= maxMembers) return { outcome: 'room-full' };
    const session: ModelSession = {
      claim,
      tokenHash: claim.tokenHash,
      isJoined: false,
      isUsed: false,
      startId: this.events.length,
      keys: new Map(),
    };
    const passesOn = previous?.isJoined && previous.claim.name === claim.name;
    if (previous) this.#close(previous, 'taken-over', !passesOn);
    this.#sessions.push(session);
    if (passesOn) session.isJoined = true;
    else if (join || previous?.isJoined) this.#join(session);
    return this.#answer('opened', session);
  }

  #answer(outcome: string, { claim, tokenHash, isJoined, startId }: ModelSession): unknown {
    const start = { epoch: this.#epoch, id: startId };
    return { outcome, isJoined, sessionId: claim.sessionId, tokenHash, start };
  }

  #join(session: ModelSession): void {
    session.isJoined = true;
    this.events.push(`+${session.claim.name}`);
  }

  #close(session: ModelSession, reason: string, leaves: boolean): void {
    this.#sessions = this.#sessions.filter((one) => one !== session);
    this.endings.push(`${session.claim.sessionId} ${reason}`);
    if (session.isJoined && leaves) this.events.push(`-${session.claim.name}`);
  }

  #send(session: ModelSession, text: string, key: string | null): string {
    if (!session.isJoined) return 'not-joined';
    const known = key === null ? undefined : session.keys.get(key);
    if (known !== undefined) return (known.text ?? text) === text ? 'repeated' : 'key-reused';
    const id = this.events.push(`${session.claim.name}: ${text}`);
    if (key !== null) session.keys.set(key, { text, id });
    return 'appended';
  }

  #redact(target: number): unknown {
    const line = this.events[target - 1];
    if (line === undefined) return { outcome: 'not-kept' };
    const [, head] = /^(! |\w+: )/.exec(line) ?? [];
    if (head === undefined) return { outcome: 'no-text' };
    const first = this.#redactions.get(target);
    if (first !== undefined) return { outcome: 'repeated', id: first };
    this.events[target - 1] = head;
    for (const { keys } of this.#sessions) {
      for (const known of keys.values()) if (known.id === target) known.text = null;
    }
    const id = this.events.push(`x${target}`);
    this.#redactions.set(target, id);
    return { outcome: 'redacted', id };
  }
}

// Few enough that steps meet each other.
const slots = 5;

/** Steps on a room in which names, users and keys collide. A slot's claims follow each other. */
export const modelSteps: fc.Arbitrary<readonly ModelStep[]> = fc
  .array(
    fc.record({
      type: fc.constantFrom(
        'open',
        'open',
        'open',
        'join',
        'close',
        'send',
        'send',
        'touch',
        'find',
        'announce',
        'redact',
      ),
      slot: fc.nat(slots - 1),
      name: fc.constantFrom('Ada', 'ADA', 'Bob'),
      userId: fc.constantFrom(null, null, 'u1', 'u2'),
      createKey: fc.constantFrom(null, 'k1', 'k2'),
      join: fc.boolean(),
      text: fc.constantFrom('one', 'two'),
      key: fc.constantFrom(null, 'a', 'b'),
      maxMembers: fc.constantFrom(2, 100),
      target: fc.nat(15),
    }),
    { maxLength: 40 },
  )
  .map((drawn) => {
    const claims: SessionClaim[] = [];
    for (let slot = 0; slot < slots; slot++) claims.push(claim(slot, 0, 'Ada', null, null));
    return drawn.map(
      ({ type, slot, name, userId, createKey, join, text, key, maxMembers, target }, index): ModelStep => {
        if (type === 'open') claims[slot] = claim(slot, index + 1, name, userId, createKey);
        const chosen = claims[slot] ?? claim(slot, 0, name, userId, createKey);
        switch (type) {
          case 'open':
            return { type, claim: chosen, join, maxMembers };
          case 'announce':
            return { type, text };
          case 'redact':
            return { type, target };
          case 'send':
            return { type, claim: chosen, text, key };
          case 'join':
          case 'close':
          case 'touch':
            return { type, claim: chosen };
          default:
            return { type: 'find', claim: chosen };
        }
      },
    );
  });

function claim(
  slot: number,
  turn: number,
  name: string,
  userId: string | null,
  createKey: string | null,
): SessionClaim {
  return {
    room: 'lobby',
    sessionId: `session-${slot}-${turn}`,
    tokenHash: `hash-${slot}-${turn}`,
    name,
    nameKey: name.toLowerCase(),
    user: userId === null ? null : user(userId),
    delivery: 'pull',
    createdAt: 1_700_000_000_000,
    createKey,
  };
}
