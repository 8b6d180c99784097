/** Leaves a room, without waiting for ever for a server that does not answer. */

import type { RoomClient } from '../../client/index.ts';

/** For messages on their way, and then for the answer of the server. */
const patienceMs = 3000;
/** If it takes longer, that it is under way is worth a word. */
const quickMs = 300;

export interface Goodbye {
  /** Whether the server knows it. */
  readonly isTold: boolean;
  /** What was to be said and was not. */
  readonly notSent: readonly string[];
}

export async function goodbye(client: RoomClient, onSlow: () => void = () => {}): Promise<Goodbye> {
  const slow = setTimeout(onSlow, quickMs);
  await within(patienceMs, sent(client));
  const notSent = waiting(client).map(({ text }) => text);
  const isTold = await within(patienceMs, client.leave());
  clearTimeout(slow);
  if (!isTold) client.close();
  return { isTold, notSent };
}

/** Resolves once all is acknowledged, or nothing can be at the moment. */
function sent(client: RoomClient): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      const isConnected = client.state === 'live' || client.state === 'polling';
      if (!isConnected || waiting(client).length === 0) resolve();
    };
    client.on('outbox', look);
    client.on('state', look);
    look();
  });
}

function waiting(client: RoomClient) {
  return client.outbox.filter(({ state }) => state === 'waiting');
}

/** Whether it was done in time. */
async function within(ms: number, done: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ms, false);
  });
  const isDone = done.then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([isDone, late]);
  } finally {
    clearTimeout(timer);
  }
}
