/**
 * The frame's side of the talk with the page around. Who that is, the browser has checked by `frame-ancestors` before
 * anything was shown; here it is checked once more, only the parent itself is listened to, and what it says is checked by
 * its shape.
 */

import { isFramed } from '../dom.ts';
import { type FrameWord, type HostWord, hello, hostWordOf, mayHost, ready } from './talk.ts';

export class HostLink {
  #port: MessagePort | undefined;
  /** What a page that comes later has to know. */
  readonly #standing = new Map<FrameWord['type'], FrameWord>();

  /**
   * @param allowed whose pages it may be, beside the chat's own: as of `mayHost`
   * @param hear what the page says
   */
  constructor(allowed: string, hear: (word: HostWord) => void) {
    if (!isFramed()) return;
    addEventListener('message', ({ source, origin, data, ports: [port] }) => {
      if (source !== window.parent || !mayHost(origin, location.origin, allowed)) return;
      if (data?.type !== hello || port === undefined) return;
      this.#port?.close();
      this.#port = port;
      port.onmessage = (event) => {
        const word = hostWordOf(event.data);
        if (word !== undefined) hear(word);
      };
      for (const word of this.#standing.values()) port.postMessage(word);
    });
    window.parent.postMessage({ type: ready }, '*');
  }

  say(word: FrameWord): void {
    if (word.type === 'joined') this.#standing.delete('login');
    if (word.type === 'left') this.#standing.delete('joined');
    else if (!('timestamp' in word)) this.#standing.set(word.type, word);
    this.#port?.postMessage(word);
  }
}
