/**
 * Turns where there are no locks: browsers have those only on pages that came over HTTPS or from localhost, and a room
 * on a plain local network must work too. The tabs agree over a channel. Two may believe for a moment that it is
 * theirs: that costs a stream too many and nothing else, because every tab drops what it has been told already.
 *
 * States: out → waiting (`wait`) → holding (`hold`: nobody says that he has it; or it was left to this tab; or `steal`) →
 * waiting (another holds it) or out (`leave`). Only a crash frees no turn: then somebody steals it.
 */

import { randomId } from '../../client/random-id.ts';
import type { Schedule } from '../../client/schedule.ts';
import type { Channel } from './talk.ts';
import type { Turn, TurnEvents } from './turn.ts';

/** `want`: waits for it. `out`: no longer. `held`: has it. `free`: gives it up. */
export interface TurnMessage {
  readonly type: 'want' | 'out' | 'held' | 'free';
  readonly from: string;
  readonly isStolen?: boolean;
  /** With `free`: those who wait, as far as is known; it is left to the first. */
  readonly heirs?: readonly string[];
}

/** By then, whoever has the turn has said so. */
const answerMs = 200;
/** By then, whoever it was left to has taken it. */
const heirMs = 1000;

export function channelTurn(
  openChannel: (hear: (message: TurnMessage) => void) => Channel<TurnMessage>,
  schedule: Schedule,
  { granted, lost }: TurnEvents,
): Turn {
  const id = randomId();
  let state: 'out' | 'waiting' | 'holding' = 'out';
  let holder = '';
  /** Who waits, in order: a hidden tab's timers hardly run, so the next one is told. */
  let heirs = new Set<string>();
  let standing = new AbortController();

  const say = (type: TurnMessage['type'], more: Partial<TurnMessage> = {}) =>
    channel.post({ type, from: id, ...more });

  const hold = (isStolen: boolean, others: readonly string[]) => {
    standing.abort();
    state = 'holding';
    heirs = new Set(others);
    say('held', { isStolen });
    granted();
  };

  /** Holds, unless somebody else does by then. */
  const stand = async (ms: number) => {
    standing.abort();
    const own = new AbortController();
    standing = own;
    await schedule.sleep(ms + schedule.random() * ms, own.signal);
    if (!own.signal.aborted) hold(false, []);
  };

  const heldBy = (from: string, isStolen: boolean) => {
    if (state === 'holding') {
      // Of two that did not hear each other one gives way.
      if (!isStolen && id < from) return say('held');
      state = 'waiting';
      return lost();
    }
    standing.abort();
    if (holder === from) return;
    holder = from;
    say('want');
  };

  const channel = openChannel(({ type, from, isStolen = false, heirs: [heir, ...others] = [] }) => {
    if (state === 'out') return;
    if (type === 'held') return heldBy(from, isStolen);
    if (state === 'holding') {
      if (type === 'out') heirs.delete(from);
      if (type !== 'want') return;
      heirs.add(from);
      say('held');
    } else if (type === 'free') {
      holder = '';
      if (heir === id) hold(false, others);
      else void stand(heirMs);
    }
  });

  return {
    wait() {
      state = 'waiting';
      holder = '';
      say('want');
      void stand(answerMs);
    },
    steal() {
      if (state === 'waiting') hold(true, []);
    },
    leave() {
      standing.abort();
      if (state === 'holding') say('free', { heirs: [...heirs] });
      else say('out');
      state = 'out';
      channel.close();
    },
  };
}
