/**
 * `<parlor-feed room="lobby" last="20">`: what is said in a room, to read only, in the page itself. It asks for the feed as
 * any page may that `FEED_ORIGINS` names, without a cookie. While nobody looks it lets its connection go: browsers have
 * six of them to a host, and nothing is lost by it.
 */

import { sleep } from '../../client/schedule.ts';
import { el } from '../dom.ts';
import { embedWords } from '../text/embed.ts';
import { chatOrigin } from './chat-origin.ts';
import { EmbedElement } from './embed-element.ts';
import { FeedLog } from './feed-log.ts';
import { FeedReader, type FeedState } from './feed-reader.ts';
import { feedStyle } from './feed-style.ts';
import { languagesAt } from './languages-at.ts';
import { wishedLook } from './wished-look.ts';

const defaultLast = 20;
/** So many messages are shown at the most. */
const mostLast = 1000;
const pageEvents = ['visibilitychange', 'pagehide', 'pageshow', 'online'];

export class FeedElement extends EmbedElement implements ParlorFeedElement {
  #reader: FeedReader | undefined;

  constructor() {
    super(feedStyle);
  }

  protected override begin(): void {
    const room = this.text('room');
    if (room === '') return;
    const last = Math.trunc(Number(this.text('last')));
    const most = last > 0 ? Math.min(last, mostLast) : defaultLast;
    const words = embedWords(languagesAt(this));
    const log = new FeedLog(most, words.feedTitle(room), words);
    const state = el('p', { class: 'state', part: 'state', role: 'status' });
    this.root.replaceChildren(el('div', { class: 'box' }, log.element, state));
    let now: FeedState = 'loading';
    const show = () => {
      const text = words[now === 'live' && log.isEmpty ? 'empty' : now];
      if (state.textContent !== text) state.textContent = text;
      log.follow();
    };
    show();
    const url = `${chatOrigin}/v1/rooms/${encodeURIComponent(room)}/feed`;
    this.#reader = new FeedReader(
      url,
      most,
      (address) => new EventSource(address),
      { random: Math.random, sleep },
      {
        message(message) {
          log.show(message);
          show();
        },
        redaction: (id) => log.redact(id),
        gap(lost) {
          if (lost === null) log.forgetNumbers();
          log.note(words.gap(lost));
        },
        state(next) {
          now = next;
          show();
        },
      },
    );
    for (const type of pageEvents) addEventListener(type, this.#look);
    this.#look();
  }

  protected override end(): void {
    for (const type of pageEvents) removeEventListener(type, this.#look);
    this.#reader?.stop();
    this.#reader = undefined;
    this.root.replaceChildren();
  }

  protected override dress(): void {
    const { scheme, accent, background } = wishedLook(this);
    this.fit('auto');
    this.own.setProperty('--parlor-accent', this.text('accent') && accent);
    const classes = this.root.firstElementChild?.classList;
    classes?.toggle('night', scheme === 'dark');
    // On a background of the page's own, who knows what can be read.
    classes?.toggle('tinted', background === '');
  }

  readonly #look = ({ type }: { readonly type?: string } = {}): void => {
    const isSeen = document.visibilityState === 'visible' && type !== 'pagehide';
    // A connection from before may be dead without anybody knowing.
    if (!isSeen || type === 'online') this.#reader?.stop();
    if (isSeen) this.#reader?.start();
  };
}
