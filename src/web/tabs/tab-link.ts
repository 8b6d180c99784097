/**
 * In place of a connection of one's own: the tabs of one browser share one. Over HTTP/1.1 a browser opens six connections
 * to a host at the most, and ten tabs with a stream each would be stuck.
 */

import type { Link, LinkFactory } from '../../client/link.ts';
import type { Ending, SessionInfo } from '../../client/wire.ts';
import { Seat, type SeatParts } from './seat.ts';

export interface TabParts extends SeatParts {
  /** The session that this tab is in; undefined outside. */
  readonly session: () => SessionInfo | undefined;
  /** Tells `pagehide` and `freeze`. */
  readonly page: Pick<EventTarget, 'addEventListener' | 'removeEventListener'>;
}

/** A page that may be frozen, or kept for the way back, lets go of what others wait for; `nudge` wakes it. */
const hidings = ['pagehide', 'freeze'] as const;

export class TabLink implements Link {
  readonly #parts: TabParts;
  readonly #link: Parameters<LinkFactory>;
  #seat: Seat | undefined;
  #isAsleep = false;
  #isTelling = false;

  constructor(parts: TabParts, ...link: Parameters<LinkFactory>) {
    this.#parts = parts;
    this.#link = link;
  }

  open(): void {
    const session = this.#parts.session();
    if (this.#seat !== undefined && !this.#seat.isOver && this.#isOf(this.#seat)) {
      this.#seat.again();
      return;
    }
    this.#leave();
    if (session === undefined) return;
    this.#isAsleep = false;
    for (const type of hidings) this.#parts.page.addEventListener(type, this.#sleep, { capture: true });
    const seat: Seat = new Seat(session, this.#parts, this.#link, (ending) => this.#gone(seat, ending));
    this.#seat = seat;
  }

  close(): void {
    // On hearing of the end, the client closes it: what becomes of the seat is decided after that.
    if (this.#isTelling) return;
    for (const type of hidings) this.#parts.page.removeEventListener(type, this.#sleep, { capture: true });
    this.#isAsleep = false;
    this.#leave();
  }

  nudge(): void {
    if (this.#isAsleep) this.open();
    else this.#seat?.nudge();
  }

  readonly #sleep = (): void => {
    this.#isAsleep = true;
    this.#leave();
  };

  #leave(): void {
    this.#seat?.leave();
    this.#seat = undefined;
  }

  /** Whether it is of the session that this tab is in. */
  #isOf({ session }: Seat): boolean {
    return session.sessionId === this.#parts.session()?.sessionId;
  }

  #gone(seat: Seat, ending: Ending): void {
    this.#isTelling = true;
    this.#link[1].gone(ending);
    this.#isTelling = false;
    // While the client creates a session anew, the others wait for its seat: they are to find that one.
    const isCreating = ending.action === 'create' && this.#isOf(seat);
    if (!isCreating) this.close();
  }
}
