/**
 * Ends the sessions of users for whom their authenticator does not vouch any more: it is asked again and again, and
 * sessions are gone through only when its answer has changed; those that are new since then, each time.
 */

import type { Vouching } from './authenticator.ts';
import { askStore, tell } from './call-hooks.ts';
import type { Clock, Timer } from './clock.ts';
import { extendedHooks } from './extended-hooks.ts';
import type { SessionHandle, WatchedHooks } from './hooks.ts';
import type { RoomObserver } from './observer.ts';

/** So long a look may take; then it is given up, and the next one begins: a question that is never answered must not be the last. */
const maxLookMs = 10_000;

interface UserRevocationOptions {
  readonly clock: Clock;
  readonly observer: RoomObserver;
  /** At most so long after a change a session goes on. */
  readonly revokeMs: number;
  /** As `Authenticator.vouching`; undefined where nobody says. */
  readonly vouching: (() => Promise<Vouching>) | undefined;
}

export class UserRevocation {
  readonly #options: UserRevocationOptions;
  // Both bounded by the sessions.
  readonly #judged = new Set<SessionHandle>();
  readonly #new = new Set<SessionHandle>();
  #vouching: Vouching | undefined;
  #isLooking = false;
  #timer: Timer | undefined;

  constructor(options: UserRevocationOptions) {
    this.#options = options;
  }

  /** The hooks with which sessions are watched, and those that are given are called as before. */
  watch(hooks: WatchedHooks): WatchedHooks {
    if (!this.#options.vouching) return hooks;
    const onSessionCreated: NonNullable<WatchedHooks['onSessionCreated']> = (handle, arrival) => {
      if (handle.user) this.#add(handle);
      return hooks.onSessionCreated?.(handle, arrival);
    };
    const onUserRenewed: NonNullable<WatchedHooks['onUserRenewed']> = (handle) => {
      if (this.#judged.delete(handle)) this.#new.add(handle);
      hooks.onUserRenewed?.(handle);
    };
    return extendedHooks(hooks, { onSessionCreated, onUserRenewed });
  }

  start(): void {
    const { clock, revokeMs, vouching } = this.#options;
    if (vouching) this.#timer ??= clock.every(revokeMs / 2, () => void this.look());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Ends those who are vouched for no more. Never rejects; looks never overlap. */
  async look(): Promise<void> {
    const { vouching, observer } = this.#options;
    if (!vouching || this.#isLooking) return;
    this.#isLooking = true;
    await tell(
      async () => this.#judge(await this.#asked(vouching)),
      'asking who is still vouched for',
      observer,
    );
    this.#isLooking = false;
  }

  /** A later answer is void. */
  async #asked(vouching: () => Promise<Vouching>): Promise<Vouching> {
    let timer: Timer | undefined;
    const tooLate = new Promise<never>((_resolve, reject) => {
      const giveUp = () => reject(new Error(`There was no answer within ${maxLookMs} ms.`));
      timer = this.#options.clock.after(maxLookMs, giveUp);
    });
    try {
      return await Promise.race([vouching(), tooLate]);
    } finally {
      timer?.cancel();
    }
  }

  #judge(vouching: Vouching): void {
    const isChanged = vouching !== this.#vouching;
    this.#vouching = vouching;
    const handles = isChanged ? [...this.#judged, ...this.#new] : [...this.#new];
    for (const handle of handles) {
      if (this.#new.delete(handle)) this.#judged.add(handle);
      if (handle.user && vouching(handle.user) === false) this.#end(handle);
    }
  }

  #add(handle: SessionHandle): void {
    this.#new.add(handle);
    handle.use(() => {
      this.#new.delete(handle);
      this.#judged.delete(handle);
    });
  }

  #end(handle: SessionHandle): void {
    void askStore(
      async () => {
        await handle.destroy('revoked');
      },
      'ending the session of a user who is vouched for no more',
      this.#options.observer,
    );
  }
}
