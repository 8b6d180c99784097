/** The adapters through which a session's client is reached at this moment: its streams and waiting polls. */

import type { ChatRoomCallbackAdapter, Lag, Sent } from './callback-adapter.ts';
import { type Ending, endingOf } from './endings.ts';
import type { RoomObserver } from './observer.ts';

export class PluggedAdapters {
  readonly #max: number;
  readonly #observer: RoomObserver;
  // Oldest first; at most `#max`.
  #adapters: ChatRoomCallbackAdapter[] = [];

  constructor(max: number, observer: RoomObserver) {
    this.#max = max;
    this.#observer = observer;
  }

  /** Whether one of them counts as activity by itself [SES-6]. */
  get isActive(): boolean {
    return this.#adapters.some((adapter) => adapter.isActive);
  }

  /** When a client was last reached through one of them, in monotonic milliseconds. */
  get reachedAt(): number {
    return Math.max(0, ...this.#adapters.map((adapter) => adapter.reachedAt ?? 0));
  }

  get hasStream(): boolean {
    return this.#adapters.some((adapter) => adapter.isStream);
  }

  /** How many streams there are, and how far they are behind. */
  get reach(): { readonly streams: number; readonly lag: Lag } {
    const lags = this.#adapters.flatMap(({ isStream, lag }) => (isStream && lag ? [lag] : []));
    return {
      streams: this.#adapters.filter(({ isStream }) => isStream).length,
      lag: {
        bytes: lags.reduce((sum, { bytes }) => sum + bytes, 0),
        events: Math.max(0, ...lags.map(({ events }) => events)),
      },
    };
  }

  /** Adds one; over the limit the oldest ends as superseded [SES-4]. */
  plug(adapter: ChatRoomCallbackAdapter): void {
    // No larger than it must be: `push` and `...` would make room for sixteen more.
    this.#adapters = this.#adapters.concat(adapter);
    if (this.#adapters.length <= this.#max) return;
    const oldest = this.#adapters.shift();
    if (oldest) this.#end(oldest, endingOf('superseded'));
  }

  /** Takes one away. False if it was gone already. */
  unplug(adapter: ChatRoomCallbackAdapter): boolean {
    const index = this.#adapters.indexOf(adapter);
    if (index >= 0) this.#adapters.splice(index, 1);
    return index >= 0;
  }

  /** Tells a notice through all that take it; false if none does. */
  notify(notice: string): boolean {
    // Not `some`, which would stop at the first.
    return this.#adapters.filter((adapter) => adapter.notify(notice)).length > 0;
  }

  /**
   * Ends them all and lets go of them.
   * @returns what went through each
   */
  endAll(ending: Ending): readonly Sent[] {
    const adapters = this.#adapters;
    this.#adapters = [];
    for (const adapter of adapters) this.#end(adapter, ending);
    return adapters.flatMap(({ sent }) => sent ?? []);
  }

  /** One that throws does not keep the others from ending [SES-12]. */
  #end(adapter: ChatRoomCallbackAdapter, ending: Ending): void {
    try {
      adapter.end(ending);
    } catch (error) {
      this.#observer.fault?.(error, 'ending an adapter');
    }
  }
}
