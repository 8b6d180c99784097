/**
 * `<parlor-room room="lobby">`: a room in a page of another origin. The room itself is in a frame of the chat's origin, where
 * the page around cannot reach; this element gives it a place and a look, and tells the page what happens in it.
 *
 * States: idle (`end`) → loading (`begin`) → shown (`#connect`: the frame has spoken) or in trouble
 * (`#fail`: it has not in time; it may still) → idle.
 */

import { el } from '../dom.ts';
import { embedWords } from '../text/embed.ts';
import { chatOrigin } from './chat-origin.ts';
import { EmbedElement } from './embed-element.ts';
import { languagesAt } from './languages-at.ts';
import { roomStyle } from './room-style.ts';
import { type FrameWord, type HostWord, hello, isFrameWord, ready } from './talk.ts';
import { wishedLook } from './wished-look.ts';

/** A room that has loaded speaks by then. */
const silentMs = 5000;

export class RoomElement extends EmbedElement implements ParlorRoomElement {
  static override readonly observedAttributes = ['room'];

  unread = 0;
  mentions = 0;
  memberName: string | undefined;
  #frame: HTMLIFrameElement | undefined;
  #port: MessagePort | undefined;
  /** By which the page's visitor comes in; in memory alone. */
  #token: string | undefined;
  /** What was told to the frame last. */
  #told = '';
  /** Of the content, in pixels. */
  #height: number | undefined;
  #isInSight = true;
  /** Of an element that is not displayed, a frame itself is told nothing. */
  readonly #sight = new IntersectionObserver((entries) => {
    this.#isInSight = entries.at(-1)?.isIntersecting === true;
    this.#say({ type: 'sight', isInSight: this.#isInSight });
  });
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super(roomStyle);
  }

  override focus(options?: FocusOptions): void {
    this.#frame?.focus(options);
    this.#say({ type: 'focus' });
  }

  login(token: string): void {
    this.#token = token;
    this.#say({ type: 'token', token });
  }

  protected override begin(): void {
    addEventListener('message', this.#hear);
    this.#sight.observe(this);
    const room = this.text('room');
    if (room === '') return;
    const frame = el('iframe', {
      part: 'frame',
      title: embedWords(languagesAt(this)).roomTitle(room),
      allow: 'clipboard-write',
      loading: this.text('loading'),
      referrerpolicy: 'no-referrer',
      src: `${chatOrigin}/embed/${encodeURIComponent(room)}`,
    });
    // Also told of an error of the browser's, such as that this page may not have it in a frame.
    frame.addEventListener('load', () => {
      clearTimeout(this.#timer);
      if (this.#port === undefined) this.#timer = setTimeout(() => this.#fail(), silentMs);
    });
    this.#frame = frame;
    this.root.replaceChildren(frame);
  }

  protected override end(): void {
    removeEventListener('message', this.#hear);
    this.#sight.disconnect();
    clearTimeout(this.#timer);
    this.#port?.close();
    this.#port = undefined;
    this.#frame = undefined;
    this.#height = undefined;
    this.root.replaceChildren();
    this.#take({ type: 'left' });
    this.#take({ type: 'unread', unread: 0, mentions: 0 });
  }

  protected override dress(): void {
    const frame = this.#frame;
    this.fit(frame && this.#height ? `${this.#height + frame.offsetHeight - frame.clientHeight}px` : '');
    const setup: HostWord = {
      type: 'setup',
      look: wishedLook(this),
      name: this.text('name'),
      isAutoHigh: this.text('height') === 'auto',
    };
    const told = JSON.stringify(setup);
    if (told === this.#told || this.#port === undefined) return;
    this.#told = told;
    this.#say(setup);
  }

  /** The first word of the frame: whoever else speaks in the page is not heard. */
  readonly #hear = ({ source, origin, data }: MessageEvent): void => {
    const window = this.#frame?.contentWindow;
    if (window && source === window && origin === chatOrigin && data?.type === ready) this.#connect(window);
  };

  #connect(window: Window): void {
    clearTimeout(this.#timer);
    this.#port?.close();
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => {
      if (this.#port === port1 && isFrameWord(data)) this.#take(data);
    };
    this.#port = port1;
    this.#told = '';
    window.postMessage({ type: hello }, chatOrigin, [port2]);
    this.dress();
    this.#say({ type: 'sight', isInSight: this.#isInSight });
    if (this.#token !== undefined) this.login(this.#token);
    this.#frame?.classList.add('shown');
    this.root.querySelector('.trouble')?.remove();
  }

  #fail(): void {
    console.warn(`${chatOrigin} does not answer, or its EMBED_ORIGINS lacks ${location.origin}`);
    const words = embedWords(languagesAt(this));
    const href = `${chatOrigin}/${encodeURIComponent(this.text('room'))}`;
    this.root.append(
      el(
        'div',
        { class: 'trouble', part: 'trouble', role: 'status' },
        el('p', {}, words.roomMissing),
        el('a', { href, target: '_blank', rel: 'noopener' }, words.roomOpen),
      ),
    );
  }

  #take(word: FrameWord): void {
    const { type, ...detail } = word;
    if (word.type === 'height') {
      this.#height = word.height;
      this.dress();
      return;
    }
    if (word.type === 'unread') {
      if (word.unread === this.unread && word.mentions === this.mentions) return;
      this.unread = word.unread;
      this.mentions = word.mentions;
    }
    if (word.type === 'left' && this.memberName === undefined) return;
    if (word.type === 'left') this.memberName = undefined;
    if (word.type === 'joined') this.memberName = word.name;
    const init = { detail: word.type === 'left' ? null : detail, bubbles: true, composed: true };
    this.dispatchEvent(new CustomEvent(`parlor:${type}`, init));
  }

  #say(word: HostWord): void {
    this.#port?.postMessage(word);
  }
}
