/**
 * Whose turn it is to lead: one tab has it, the others wait in a queue. By the browser's locks, which free a turn also
 * when its tab crashes.
 */

export interface Turn {
  /** Waits for it. */
  wait(): void;
  /** Takes it from whoever has it and does not answer. */
  steal(): void;
  /** Gives it up, or waits no longer; for good. */
  leave(): void;
}

export interface TurnEvents {
  granted(): void;
  /** Somebody else has taken it. */
  lost(): void;
}

/** What of `navigator.locks` is used. */
export interface Locks {
  request(
    name: string,
    options: { signal?: AbortSignal; steal?: boolean },
    held: () => Promise<void>,
  ): Promise<unknown>;
}

export function lockTurn(locks: Locks, name: string, { granted, lost }: TurnEvents): Turn {
  let state: 'waiting' | 'holding' | 'left' = 'waiting';
  let isStealing = false;
  let queue = new AbortController();
  let giveBack = () => {};

  const request = (options: { signal?: AbortSignal; steal?: boolean }) => {
    let isHeld = false;
    const hold = () =>
      new Promise<void>((resolve) => {
        isStealing = false;
        if (state !== 'waiting') return resolve();
        state = 'holding';
        isHeld = true;
        giveBack = resolve;
        granted();
      });
    locks.request(name, options, hold).catch(() => {
      if (state === 'left' || options.signal?.aborted) return;
      if (isHeld) {
        state = 'waiting';
        lost();
        // Where locks are forbidden each tab is on its own.
      } else if (state === 'waiting') void hold();
    });
  };

  return {
    wait() {
      queue = new AbortController();
      request({ signal: queue.signal });
    },
    steal() {
      if (state !== 'waiting' || isStealing) return;
      isStealing = true;
      queue.abort();
      request({ steal: true });
    },
    leave() {
      state = 'left';
      queue.abort();
      giveBack();
    },
  };
}
