/** The log on the page: the entries in order, with what helps to find one's place in them; then what is being sent. */

import type { AnyEvent } from '../../client/wire.ts';
import { el } from '../dom.ts';
import type { EarlierState } from '../stay/stay-view.ts';
import { strings } from '../text/strings.ts';
import { linkTimes } from './addresses.ts';
import { cutTo } from './bound.ts';
import { Chunks } from './chunks.ts';
import { copyAsLines } from './copying.ts';
import { EarlierView } from './earlier-view.ts';
import { noteEntry, redactEntry, renameDays } from './entry.ts';
import { EntryMaker } from './entry-maker.ts';
import { isSameDay } from './grouping.ts';
import { Hint } from './hint.ts';
import { onNewDay } from './new-day.ts';
import { type Placed, placed, targetOf } from './place.ts';
import type { WatchPresence } from './presence.ts';
import type { Reading } from './reading.ts';
import { Redactions } from './redactions.ts';
import { Scroller } from './scroller.ts';
import { Seeker } from './seeker.ts';

export interface LogActions {
  /** Where the log stands: the cursor of what was told last. */
  cursor(): string;
  /** Asks for the page of the log before; of `limit` events, if given. */
  earlier(limit?: number): void;
  /** The reader has done with the log and wants to write. */
  write(): void;
  readonly watchPresence: WatchPresence;
}

export class LogView {
  readonly element: HTMLElement;
  readonly #reading: Reading;
  readonly #actions: LogActions;
  readonly #maker: EntryMaker;
  readonly #chunks = new Chunks(strings.messages);
  readonly #scroller: Scroller;
  readonly #earlier: EarlierView;
  readonly #seeker: Seeker;
  readonly #times: ReturnType<typeof linkTimes>;
  readonly #hint = new Hint();
  #redactions = new Redactions();
  readonly #jump = el('button', { class: 'jump', type: 'button', hidden: '' });
  readonly #divider = el('p', { class: 'entry unread', 'aria-live': 'off' }, el('span', {}, strings.unread));
  /** What the page's address leads to. */
  #linked: HTMLElement | undefined;
  /** Where to begin to read is not known before the message that the address leads to is found or given up. */
  #isPlaced = false;
  #isTrimmed = false;

  /** @param outgoing shows what is being sent */
  constructor(outgoing: HTMLElement, reading: Reading, actions: LogActions) {
    this.#reading = reading;
    this.#actions = actions;
    this.#maker = new EntryMaker((entry) => reading.isMention(entry));
    this.#earlier = new EarlierView(() => actions.earlier());
    const column = el('div', { class: 'column' }, this.#earlier.element, this.#chunks.element, outgoing);
    this.#scroller = new Scroller(column, () => this.#moved());
    this.element = el(
      'div',
      { class: 'conversation' },
      this.#scroller.element,
      el('div', { class: 'over' }, this.#hint.element, this.#jump),
    );
    this.#earlier.watch(this.#scroller.element);
    this.#seeker = new Seeker({
      first: () => this.#maker.first?.cursor,
      show: (cursor) => this.#show(cursor),
      missing: () => this.#place(),
      earlier: (limit) => actions.earlier(limit),
      say: (text, isLasting) => this.#hint.say(text, isLasting),
    });
    copyAsLines(this.#chunks.element);
    this.#times = linkTimes(this.#chunks.element, () => this.#hint.say(strings.linkCopied));
    reading.onChange(() => this.#read());
    this.#listen();
  }

  clear(): void {
    this.#chunks.clear();
    this.#linked = undefined;
    this.#isTrimmed = false;
    this.#earlier.show('none');
  }

  /** What the log begins with. */
  begin(events: readonly AnyEvent[], ownName: string): void {
    this.#redactions = new Redactions();
    const entries = this.#placed(events, this.#actions.cursor());
    this.#maker.begin(ownName);
    this.#reading.begin(ownName, entries);
    this.#chunks.begin(this.#maker.append(entries));
    this.#times.newest();
    this.#read();
    this.#isPlaced = false;
    this.#seeker.reset(location.hash);
    if (this.#seeker.isSeeking) this.#scroller.stay();
    else this.#place();
  }

  append(events: readonly AnyEvent[]): void {
    const entries = this.#placed(events, this.#actions.cursor());
    this.#redact(entries);
    this.#add(this.#maker.append(entries));
    this.#times.newest();
    this.#reading.append(entries);
  }

  /** Events before the first one shown; what the reader looks at stays where it is. */
  prepend(events: readonly AnyEvent[]): void {
    if (this.#isTrimmed) return;
    const next = this.#maker.first;
    const entries = this.#placed(events, next?.cursor ?? this.#actions.cursor());
    const last = entries.at(-1);
    const isOneDay = last && next && isSameDay(last.event.timestamp, next.timestamp);
    this.#scroller.keeping(() => {
      if (isOneDay && this.#chunks.first?.classList.contains('day')) this.#chunks.first.remove();
      this.#chunks.prepend(this.#maker.prepend(entries));
      this.#reading.prepend(entries);
    });
  }

  gap(lost: number | null): void {
    this.#note('gap', strings.gap(lost));
  }

  note(text: string): void {
    this.#note('note', text);
  }

  setEarlier(state: EarlierState): void {
    this.#earlier.show(this.#isTrimmed ? 'none' : state);
    this.#seeker.earlierIs(this.#isTrimmed ? 'none' : state);
  }

  /** Goes to the newest entry if the reader is there already, or if `always`. */
  stick(always = false): void {
    if (always) {
      this.#mark(undefined);
      this.#scroller.toEnd();
    } else this.#scroller.follow();
  }

  /** Whose words the next ones would go on with. */
  get lastSpeaker(): string | undefined {
    return this.#maker.lastSpeaker;
  }

  #placed(events: readonly AnyEvent[], near: string): readonly Placed[] {
    return this.#redactions.applied(placed(events, near));
  }

  /** Takes the texts from what is shown and was redacted by these. */
  #redact(entries: readonly Placed[]): void {
    const gone = entries.flatMap((entry) => this.#chunks.find(targetOf(entry) ?? '') ?? []);
    if (gone.length === 0) return;
    this.#scroller.keeping(() => {
      for (const entry of gone) {
        // What is taken away is not read out.
        entry.setAttribute('aria-live', 'off');
        redactEntry(entry);
        this.#chunks.resized(entry);
      }
    });
  }

  #note(kind: 'gap' | 'note', text: string): void {
    this.#maker.interrupt();
    this.#add([noteEntry(kind, text)]);
  }

  #add(entries: readonly HTMLElement[]): void {
    this.#chunks.append(entries);
    const length = cutTo(this.#chunks.length, this.#scroller.isAtEnd);
    if (length !== undefined) {
      this.#scroller.keeping(() => this.#chunks.trim(length));
      this.#isTrimmed = true;
      this.setEarlier('none');
    }
    this.#scroller.follow();
  }

  /** Goes where the log begins: who comes back goes on where he stopped. */
  #place(): void {
    if (!this.#isPlaced) this.#toUnread();
    this.#isPlaced = true;
  }

  /** Goes to the end, or to where the unread begins if that is above. */
  #toUnread(): void {
    if (this.#divider.isConnected && this.#reading.unread > 0) this.#scroller.toEndFrom(this.#divider);
    else this.#scroller.toEnd();
  }

  #show(cursor: string): boolean {
    const entry = this.#chunks.find(cursor);
    if (entry === undefined) return false;
    this.#isPlaced = true;
    this.#mark(entry);
    this.#scroller.to(entry);
    entry.querySelector<HTMLElement>('.at')?.focus({ preventScroll: true });
    return true;
  }

  #mark(entry: HTMLElement | undefined): void {
    this.#linked?.classList.remove('linked');
    entry?.classList.add('linked');
    // Who has gone on from a linked message does not come back to it with the next load.
    const { pathname, search } = location;
    if (entry === undefined && this.#linked !== undefined) history.replaceState(null, '', pathname + search);
    this.#linked = entry;
  }

  /** The reader may be somewhere else in the log. */
  #moved(): void {
    this.#reading.setAtEnd(this.#scroller.isAtEnd);
    this.#showJump();
  }

  /** Something was read, or came unread. */
  #read(): void {
    const { divider } = this.#reading;
    const before = divider === undefined ? undefined : this.#chunks.find(divider);
    if (before === undefined && this.#divider.isConnected)
      this.#scroller.keeping(() => this.#divider.remove());
    else if (before !== undefined && before.previousElementSibling !== this.#divider) {
      this.#scroller.keeping(() => before.before(this.#divider));
    }
    this.#showJump();
  }

  #showJump(): void {
    const text = strings.newMessages(this.#reading.unread, this.#reading.mentions);
    if (this.#jump.textContent !== text) this.#jump.textContent = text;
    this.#jump.hidden = this.#scroller.isAtEnd;
  }

  #listen(): void {
    this.#jump.addEventListener('click', () => {
      this.stick(true);
      this.#scroller.element.focus({ preventScroll: true });
    });
    this.element.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape') return;
      this.stick(true);
      this.#actions.write();
    });
    addEventListener('hashchange', () => this.#seeker.want(location.hash));
    const isPresentNow = this.#actions.watchPresence((isPresent) => {
      if (isPresent && this.#scroller.isAtEnd) this.#toUnread();
      this.#reading.setPresent(isPresent);
    });
    this.#reading.setPresent(isPresentNow);
    onNewDay(() => renameDays(this.#chunks.element));
  }
}
