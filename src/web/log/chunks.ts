/**
 * The entries of the log as the document has them: in chunks, of which the browser lays out and paints only those in
 * sight (`content-visibility`). All of them stay in the document, for searching, copying and screen readers.
 *
 * A chunk is laid out once with everything else when it is full; the size it has then is kept, so that nothing jumps when
 * it comes into sight again, also where the browser does not hold its place by itself.
 */

import { el } from '../dom.ts';

/** Some two screens: a chunk that comes into sight is laid out within a frame on a slow machine. */
const chunkSize = 32;

export class Chunks {
  readonly element: HTMLElement;
  /** What is still being added to. */
  #open: HTMLElement | undefined;
  #length = 0;
  readonly #laidOut = new ResizeObserver((sizes) => {
    for (const { target, contentBoxSize } of sizes) {
      // What the style keeps is the size within the padding.
      const height = contentBoxSize[0]?.blockSize ?? 0;
      // Not shown at the moment.
      if (height === 0 || !(target instanceof HTMLElement)) continue;
      this.#laidOut.unobserve(target);
      target.style.setProperty('--size', `${height}px`);
      target.classList.add('settled');
    }
  });

  constructor(label: string) {
    this.element = el('div', { class: 'log', role: 'log', 'aria-label': label });
  }

  /** How many entries there are. */
  get length(): number {
    return this.#length;
  }

  get first(): Element | undefined {
    return this.element.firstElementChild?.firstElementChild ?? undefined;
  }

  /** The message with this cursor. */
  find(cursor: string): HTMLElement | undefined {
    const entry = cursor === '' ? null : document.getElementById(cursor);
    return entry !== null && this.element.contains(entry) ? entry : undefined;
  }

  clear(): void {
    this.#laidOut.disconnect();
    this.element.replaceChildren();
    this.#open = undefined;
    this.#length = 0;
  }

  /** Entries before all others: shown, not announced. */
  prepend(entries: readonly HTMLElement[]): void {
    this.element.prepend(...this.#silent(entries));
  }

  /** Entries to begin with: shown, not announced. */
  begin(entries: readonly HTMLElement[]): void {
    this.#open = undefined;
    this.element.append(...this.#silent(entries));
  }

  /** Entries at the end, as they come: screen readers announce them. */
  append(entries: readonly HTMLElement[]): void {
    this.#length += entries.length;
    for (const entry of entries) {
      if (this.#open === undefined) {
        this.#open = el('div', { class: 'chunk' });
        this.element.append(this.#open);
      }
      this.#open.append(entry);
      if (this.#open.childElementCount < chunkSize) continue;
      this.#laidOut.observe(this.#open);
      this.#open = undefined;
    }
  }

  /** An entry is not as high any more as it was. */
  resized(entry: HTMLElement): void {
    const chunk = entry.parentElement;
    if (!chunk?.classList.contains('settled')) return;
    chunk.classList.remove('settled');
    this.#laidOut.observe(chunk);
  }

  /** Takes the oldest entries away, until at most `length` are left. */
  trim(length: number): void {
    while (this.#length > length) {
      const chunk = this.element.firstElementChild;
      if (chunk === null || chunk === this.#open) return;
      this.#laidOut.unobserve(chunk);
      this.#length -= chunk.childElementCount;
      chunk.remove();
    }
  }

  #silent(entries: readonly HTMLElement[]): HTMLElement[] {
    this.#length += entries.length;
    const chunks: HTMLElement[] = [];
    for (let i = 0; i < entries.length; i += chunkSize) {
      const chunk = el('div', { class: 'chunk', 'aria-live': 'off' }, ...entries.slice(i, i + chunkSize));
      this.#laidOut.observe(chunk);
      chunks.push(chunk);
    }
    return chunks;
  }
}
