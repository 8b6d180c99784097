/**
 * What the log is scrolled in: follows its end as long as the reader is there, and leaves him in peace where he
 * reads. What is put in above does not move what he looks at; Safari does not see to that by itself.
 */

import { el } from '../dom.ts';
import { strings } from '../text/strings.ts';

const endSlackPx = 48;
/** What stays visible above an entry that is gone to. */
const marginPx = 48;

export class Scroller {
  readonly element: HTMLElement;
  readonly #content: HTMLElement;
  readonly #onMove: () => void;
  #isAtEnd = true;
  #isFollowPending = false;
  /** Where the reader was last; 0: where he is now is not his doing. */
  #last = 0;

  /** @param onMove is called when the reader may be somewhere else */
  constructor(content: HTMLElement, onMove: () => void) {
    this.#content = content;
    this.#onMove = onMove;
    this.element = el(
      'div',
      { class: 'scroller', role: 'region', tabindex: '0', 'aria-label': strings.conversation },
      content,
    );
    this.element.addEventListener('scroll', () => this.#measure(), { passive: true });
    // The keyboard of a phone, a longer composer, a wider window: whoever was at the end stays there.
    const resized = new ResizeObserver(() => this.follow());
    resized.observe(this.element);
    resized.observe(content);
  }

  /** Whether the newest entry is in sight, or will be with the next frame. */
  get isAtEnd(): boolean {
    return this.#isAtEnd;
  }

  /** Stays at the end, if the reader is there. */
  follow(): void {
    if (!this.#isAtEnd || this.#isFollowPending) return;
    this.#isFollowPending = true;
    // One layout per frame, however many events arrive.
    requestAnimationFrame(() => {
      this.#isFollowPending = false;
      if (this.#isAtEnd) this.element.scrollTop = this.element.scrollHeight;
      this.#last = this.element.scrollTop;
      this.#onMove();
    });
  }

  /** Stays where it is. */
  stay(): void {
    this.#isAtEnd = false;
  }

  toEnd(): void {
    this.#isAtEnd = true;
    this.#last = 0;
    this.follow();
    this.#onMove();
  }

  /** Goes to the end, but not so far that `entry` would be out of sight above. */
  toEndFrom(entry: HTMLElement): void {
    this.element.scrollTop = this.element.scrollHeight;
    const above = this.#top(this.element) + marginPx - this.#top(entry);
    if (above > 0) this.element.scrollTop -= above;
    this.#isFollowPending = false;
    this.#measure();
  }

  /** Goes to an entry, and stays there whatever arrives. */
  to(entry: HTMLElement): void {
    entry.scrollIntoView({ block: 'center' });
    this.#measure();
  }

  /** Changes something above or around what is looked at, which stays where it is. */
  keeping(change: () => void): void {
    const anchor = this.#isAtEnd ? undefined : this.#inSight();
    const before = anchor === undefined ? 0 : this.#top(anchor);
    change();
    this.#last = 0;
    if (anchor?.isConnected) {
      const moved = this.#top(anchor) - before;
      if (moved !== 0) this.element.scrollTop += moved;
    }
    this.follow();
  }

  #measure(): void {
    const { scrollHeight, scrollTop, clientHeight } = this.element;
    // What has come in is no move of the reader's; but who scrolls up is not called back, however much comes.
    if (this.#isFollowPending && scrollTop >= this.#last) return;
    this.#last = scrollTop;
    this.#isAtEnd = scrollHeight - scrollTop - clientHeight < endSlackPx;
    this.#onMove();
  }

  /** The first entry in sight. */
  #inSight(): Element | undefined {
    const top = this.#top(this.element);
    const isInSight = (element: Element) => element.getBoundingClientRect().bottom > top;
    const chunk = [...this.#content.querySelectorAll('.chunk')].find(isInSight);
    return chunk === undefined ? undefined : [...chunk.children].find(isInSight);
  }

  #top(element: Element): number {
    return element.getBoundingClientRect().top;
  }
}
