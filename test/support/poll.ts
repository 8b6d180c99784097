/** `getUpdates` without HTTP. */

import type { Session } from '../../src/core/session.ts';
import { getUpdates, type PollQuery } from '../../src/delivery/poll-callback-adapter.ts';
import type { Domain } from './domain.ts';

export async function poll(domain: Domain, session: Session, query: Partial<PollQuery> = {}) {
  const whole: PollQuery = {
    after: undefined,
    limit: 1000,
    waitMs: 0,
    isHead: false,
    address: () => '::1',
    onHangUp: () => () => {},
    ...query,
  };
  return getUpdates(session, whole, domain);
}

/** A poll that waits already. */
export async function waitingPoll(domain: Domain, session: Session, query: Partial<PollQuery>) {
  const before = domain.clock.pending;
  const answer = poll(domain, session, query);
  let isAnswered = false;
  const noted = answer.then(
    () => {
      isAnswered = true;
    },
    () => {
      isAnswered = true;
    },
  );
  // Its timer shows that it waits.
  while (domain.clock.pending === before && !isAnswered) await Promise.race([noted, nextTurn()]);
  return { answer };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
