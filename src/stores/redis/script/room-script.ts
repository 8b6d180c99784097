/**
 * The one script that changes a room: it carries out what an instance asks of the room in one go, so that no crash, no other
 * instance and no repeat ever meets half an operation. Redis 7 or newer.
 *
 * - Ids, timestamps and names are given here only [LOG-1]. The log is a stream whose entry `N-0` is the event `N`; what was
 *   redacted is no longer in the stream but in `redacted`, without its text.
 * - `base` is the last id that is no longer kept, `roster` who was in the room then, with the ids of their joins [LOG-5].
 * - Every publication is numbered (`pub`), so that a reader can prove that it missed none.
 * - An instance says how far it has seen the room: a room that does not know so much has lost data, and goes on in a new
 *   epoch. So does one that comes into being where Redis has lost what was there (`origin`): somebody may have seen it before.
 *   Ids then go on from the time in microseconds since 1970. No room has been given one of them in each microsecond, so that is
 *   behind all that anybody has ever seen, however much more than this instance [LOG-2].
 *   So does one whose numbers are none, or in whose log somebody else wrote behind the head: nothing could follow there.
 * - The answer to each instance's last batch is remembered: a batch that is sent again, because the connection broke before
 *   the answer, has no second effect.
 *
 * Numbers that are not told apart from text by Redis are written out by `int`: up to 2^53 without an exponent.
 */

import { beginning } from './beginning.ts';
import type { Bounds } from './bounds.ts';
import { ending } from './ending.ts';
import { log } from './log.ts';
import { messages } from './messages.ts';
import { sessions } from './sessions.ts';
import { upkeep } from './upkeep.ts';

/** The keys of a room, in the order in which the script wants them; behind them it wants `origin`, which is of all rooms. */
export const roomKeys = [
  'meta',
  'log',
  'roster',
  'redacted',
  'sessions',
  'state',
  'names',
  'tokens',
  'users',
  'touched',
  'positions',
  'keys',
  'endings',
  'ended',
  'batches',
] as const;

/** The script; its parts know those before them. */
export function roomScript(bounds: Bounds): string {
  return [beginning, log, sessions(bounds), messages(bounds), upkeep(bounds), ending(bounds)].join('');
}
