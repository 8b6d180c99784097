/** What a feed shows: the last messages, each as text [P-5], and what the reader has to know beside them. */

import { speechActOf } from '../../client/speech-act.ts';
import { el } from '../dom.ts';
import { continues, isSameDay } from '../log/grouping.ts';
import { linked } from '../log/linked.ts';
import { localeFor } from '../log/locale.ts';
import { nameOf, tint } from '../person.ts';
import type { EmbedWords } from '../text/embed.ts';
import type { FeedMessage } from './feed-reader.ts';

/** As near to its end the log follows it. */
const endSlackPx = 24;
/** More days and gaps than messages are not shown, but for so many. */
const fewNotes = 10;

export class FeedLog {
  readonly element: HTMLElement;
  readonly #words: EmbedWords;
  readonly #most: number;
  readonly #time: Intl.DateTimeFormat;
  readonly #day: Intl.DateTimeFormat;
  #last: FeedMessage | undefined;
  /** Nothing stands between it and what comes. */
  #isLastAbove = false;
  #messages = 0;
  #isAtEnd = true;
  #isFollowing = false;

  /** @param most how many messages are shown; older ones go */
  constructor(most: number, title: string, words: EmbedWords & { readonly language: string }) {
    const locale = localeFor(words.language, navigator.languages);
    this.#words = words;
    this.#most = most;
    this.#time = new Intl.DateTimeFormat(locale, { timeStyle: 'short' });
    this.#day = new Intl.DateTimeFormat(locale, { dateStyle: 'full' });
    this.element = el('div', { class: 'log', part: 'log', role: 'log', 'aria-label': title, tabindex: '0' });
    this.element.addEventListener('scroll', () => {
      const { scrollHeight, scrollTop, clientHeight } = this.element;
      if (!this.#isFollowing) this.#isAtEnd = scrollHeight - scrollTop - clientHeight < endSlackPx;
    });
  }

  get isEmpty(): boolean {
    return this.#messages === 0;
  }

  show(event: FeedMessage): void {
    const isNewDay = this.#last === undefined || !isSameDay(this.#last.timestamp, event.timestamp);
    if (isNewDay) this.#append('day', this.#day.format(event.timestamp));
    const above = this.#isLastAbove ? this.#last : undefined;
    this.element.append(this.#messageOf(event, continues(above, event)));
    this.#last = event;
    this.#isLastAbove = true;
    this.#messages += 1;
    this.#trim();
    this.follow();
  }

  /** Takes the text from what stands there: it keeps its place, its name and its time. */
  redact(id: number): void {
    const entry = this.element.querySelector(`[data-id="${id}"]`);
    const name = entry?.querySelector('.name');
    const time = entry?.querySelector('time');
    if (!name || !time) return;
    entry?.classList.remove('action');
    entry?.replaceChildren(this.#headOf(name, time), this.#removed());
  }

  /** What comes may be numbered anew: its numbers are not those of what is shown. */
  forgetNumbers(): void {
    for (const entry of this.element.querySelectorAll('[data-id]')) entry.removeAttribute('data-id');
  }

  note(text: string): void {
    this.#append('note', text);
    this.#isLastAbove = false;
    this.#trim();
    this.follow();
  }

  /** Stays at the end, if the reader is there. */
  follow(): void {
    if (!this.#isAtEnd || this.#isFollowing) return;
    this.#isFollowing = true;
    requestAnimationFrame(() => {
      this.#isFollowing = false;
      this.element.scrollTop = this.element.scrollHeight;
    });
  }

  #append(kind: 'day' | 'note', text: string): void {
    this.element.append(el('p', { class: kind, part: kind }, text));
  }

  /** With the oldest messages goes what stands between them. */
  #trim(): void {
    while (this.#messages > this.#most || this.element.childElementCount > 2 * this.#most + fewNotes) {
      const oldest = this.element.firstElementChild;
      if (oldest?.classList.contains('entry')) this.#messages -= 1;
      oldest?.remove();
    }
  }

  #messageOf(event: FeedMessage, isContinued: boolean): HTMLElement {
    const { id, type, message, redacted, timestamp } = event;
    const { isAction, text } = type === 'message' ? speechActOf(message) : { isAction: false, text: message };
    const date = new Date(timestamp);
    const time = el(
      'time',
      { part: 'time', datetime: date.toISOString(), title: this.#day.format(date) },
      this.#time.format(date),
    );
    const by = nameOf(type === 'message' ? event.name : this.#words.announcement);
    by.part.add('name');
    const body = redacted
      ? this.#removed()
      : el('p', { class: 'text', part: 'text', dir: 'auto' }, ...linked(text));
    if (isAction) {
      body.prepend(by, ' ');
      body.append(' ', time);
    }
    const head = isAction ? [] : [this.#headOf(by, time)];
    const kinds = ['entry', type, isContinued && 'continued', isAction && 'action'].filter(Boolean).join(' ');
    const entry = el('div', { class: kinds, part: `entry ${type}`, 'data-id': `${id}` }, ...head, body);
    if (type === 'message') tint(entry, event.name);
    return entry;
  }

  #headOf(name: Element, time: Element): HTMLElement {
    return el('p', { class: 'head' }, name, el('span', { class: 'unseen' }, this.#words.says), time);
  }

  #removed(): HTMLElement {
    return el('p', { class: 'text removed', part: 'text' }, this.#words.removed);
  }
}
