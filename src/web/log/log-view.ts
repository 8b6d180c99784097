/**
 * The log on the page: the entries in order, then what is being sent. Follows the newest entry as long as the
 * reader is there, and leaves him in peace where he reads.
 */

import { type AnyEvent, type ChatRoomEvent, knownOf } from '../../client/wire.ts';
import { el } from '../dom.ts';
import type { EarlierState } from '../stay/stay-view.ts';
import { strings } from '../text/strings.ts';
import { dayEntry, entryOf, noteEntry } from './entry.ts';
import { continues, isSameDay } from './grouping.ts';

/** More entries than this are not kept on the page: the oldest go while the reader is at the newest. */
const maxEntries = 5000;
const bottomSlackPx = 48;

export class LogView {
  readonly element: HTMLElement;
  readonly #scroller: HTMLElement;
  readonly #log: HTMLElement;
  readonly #earlier: HTMLButtonElement;
  readonly #beginning = el('p', { class: 'entry beginning', hidden: '' }, strings.beginning);
  readonly #jump: HTMLButtonElement;
  #ownName = '';
  #first: ChatRoomEvent | undefined;
  #last: ChatRoomEvent | undefined;
  /** The entry above is this event; undefined after a note: whoever speaks next is named again. */
  #above: ChatRoomEvent | undefined;
  #isTrimmed = false;
  #isAtBottom = true;
  #isStickPending = false;
  #unread = 0;

  /**
   * @param outgoing shows what is being sent
   * @param onEarlier asks for the page of the log before
   */
  constructor(outgoing: HTMLElement, onEarlier: () => void) {
    this.#log = el('div', { class: 'log', role: 'log', 'aria-label': strings.messages });
    this.#earlier = el('button', { class: 'earlier', type: 'button', hidden: '' }, strings.earlier);
    const column = el('div', { class: 'column' }, this.#earlier, this.#beginning, this.#log, outgoing);
    this.#scroller = el(
      'div',
      { class: 'scroller', role: 'region', tabindex: '0', 'aria-label': strings.conversation },
      column,
    );
    this.#jump = el('button', { class: 'jump', type: 'button', hidden: '' });
    this.element = el('div', { class: 'conversation' }, this.#scroller, this.#jump);

    this.#earlier.addEventListener('click', onEarlier);
    this.#jump.addEventListener('click', () => {
      this.stick(true);
      this.#scroller.focus({ preventScroll: true });
    });
    this.#scroller.addEventListener('scroll', () => this.#measure(), { passive: true });
    // The keyboard of a phone, a longer composer, a wider window: whoever was at the bottom stays there.
    const resized = new ResizeObserver(() => this.stick());
    resized.observe(this.#scroller);
    resized.observe(column);
  }

  clear(): void {
    this.#log.replaceChildren();
    this.#first = undefined;
    this.#last = undefined;
    this.#above = undefined;
    this.#isTrimmed = false;
    this.#isAtBottom = true;
    this.#unread = 0;
    this.setEarlier('none');
    this.#showJump();
  }

  /** What the log begins with: shown, not announced. */
  begin(events: readonly AnyEvent[], ownName: string): void {
    this.#ownName = ownName;
    this.#log.setAttribute('aria-live', 'off');
    this.append(events);
    // Not before the browser has seen the change: else it announces it.
    setTimeout(() => this.#log.setAttribute('aria-live', 'polite'), 500);
    this.stick(true);
  }

  append(events: readonly AnyEvent[]): void {
    const fragment = document.createDocumentFragment();
    for (const known of knownOf(events)) {
      if (this.#last === undefined || !isSameDay(this.#last.timestamp, known.timestamp)) {
        fragment.append(dayEntry(known.timestamp));
      }
      fragment.append(entryOf(known, this.#ownName, continues(this.#above, known)));
      this.#first ??= known;
      this.#last = known;
      this.#above = known;
      if (!this.#isAtBottom && known.type === 'message' && known.name !== this.#ownName) this.#unread += 1;
    }
    this.#add(fragment);
  }

  /** Events before the first one shown; what the reader looks at stays where it is. */
  prepend(events: readonly AnyEvent[]): void {
    if (this.#isTrimmed) return;
    const fragment = document.createDocumentFragment();
    let previous: ChatRoomEvent | undefined;
    for (const known of knownOf(events)) {
      if (previous === undefined || !isSameDay(previous.timestamp, known.timestamp)) {
        fragment.append(dayEntry(known.timestamp));
      }
      fragment.append(entryOf(known, this.#ownName, continues(previous, known)));
      previous = known;
    }
    const fromBottom = this.#scroller.scrollHeight - this.#scroller.scrollTop;
    const next = this.#first;
    const divider = this.#log.firstElementChild;
    if (previous !== undefined && next !== undefined && isSameDay(previous.timestamp, next.timestamp)) {
      divider?.remove();
    }
    this.#log.setAttribute('aria-live', 'off');
    this.#log.prepend(fragment);
    setTimeout(() => this.#log.setAttribute('aria-live', 'polite'), 500);
    this.#scroller.scrollTop = this.#scroller.scrollHeight - fromBottom;
    this.#first = knownOf(events)[0] ?? this.#first;
  }

  gap(lost: number | null): void {
    this.#note('gap', strings.gap(lost));
  }

  note(text: string): void {
    this.#note('note', text);
  }

  setEarlier(state: EarlierState): void {
    if (this.#isTrimmed && state !== 'none') return;
    this.#earlier.hidden = state === 'none' || state === 'beginning';
    this.#beginning.hidden = state !== 'beginning';
    this.#earlier.disabled = state === 'busy';
    this.#earlier.textContent =
      state === 'busy' ? strings.earlierBusy : state === 'failed' ? strings.earlierFailed : strings.earlier;
  }

  /** Goes to the newest entry if the reader is there already, or if `always`. */
  stick(always = false): void {
    if (always) {
      this.#isAtBottom = true;
      this.#unread = 0;
    }
    if (!this.#isAtBottom || this.#isStickPending) return;
    this.#isStickPending = true;
    // One layout per frame, however many events arrive.
    requestAnimationFrame(() => {
      this.#isStickPending = false;
      if (this.#isAtBottom) this.#scroller.scrollTop = this.#scroller.scrollHeight;
      this.#showJump();
    });
  }

  /** Who spoke last, if nothing came after. */
  get lastSpeaker(): string | undefined {
    return this.#above?.type === 'message' ? this.#above.name : undefined;
  }

  #note(kind: 'gap' | 'note', text: string): void {
    const fragment = document.createDocumentFragment();
    fragment.append(noteEntry(kind, text));
    this.#above = undefined;
    this.#add(fragment);
  }

  #add(fragment: DocumentFragment): void {
    this.#log.append(fragment);
    if (this.#isAtBottom && this.#log.childElementCount > maxEntries) this.#trim();
    this.stick();
    this.#showJump();
  }

  #trim(): void {
    while (this.#log.childElementCount > maxEntries * 0.9) this.#log.firstElementChild?.remove();
    this.#isTrimmed = true;
    this.setEarlier('none');
  }

  #measure(): void {
    if (this.#isStickPending) return;
    const { scrollHeight, scrollTop, clientHeight } = this.#scroller;
    this.#isAtBottom = scrollHeight - scrollTop - clientHeight < bottomSlackPx;
    if (this.#isAtBottom) this.#unread = 0;
    this.#showJump();
  }

  #showJump(): void {
    this.#jump.hidden = this.#isAtBottom;
    this.#jump.textContent = strings.newMessages(this.#unread);
  }
}
