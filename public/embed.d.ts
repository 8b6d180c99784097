/**
 * Types for pages that embed a room or its feed with `embed.js`, for TypeScript: copy this file beside your code, or, with the
 * package installed, write `/// <reference types="parlor/embed" />`.
 */

/** `<parlor-room room="lobby">`: a room to talk in, in a frame of the chat's origin. */
interface ParlorRoomElement extends HTMLElement {
  /** How many messages of others have not been read. */
  readonly unread: number;
  /** How many of them mention the member. */
  readonly mentions: number;
  /** The name of who is inside; undefined outside. */
  readonly memberName: string | undefined;
  /**
   * Lets the visitor in by a token that the server of the chat judges (JWT, for example): at once, or, if he is inside, from
   * now on. What is no token is passed over.
   */
  login(token: string): void;
  /** Goes to the field where one writes. */
  focus(options?: FocusOptions): void;

  addEventListener<K extends keyof ParlorRoomEventMap>(
    type: K,
    listener: (this: ParlorRoomElement, event: ParlorRoomEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

/** `<parlor-feed room="lobby" last="20">`: what is said in a room, to read only. */
interface ParlorFeedElement extends HTMLElement {}

/** What has not been read. */
interface ParlorUnread {
  unread: number;
  mentions: number;
}

/** Something was said, by whomever. */
interface ParlorMessage {
  /** Its number in the room's log. */
  id: number;
  name: string;
  /** Plain text: put it into a page as text, never as HTML. */
  message: string;
  /** Milliseconds since 1970. */
  timestamp: number;
  isOwn: boolean;
}

/** Whoever runs the chat has something to say to the room. */
interface ParlorAnnouncement {
  id: number;
  /** Plain text, as in a message. */
  message: string;
  timestamp: number;
}

/** A text was taken back: whoever shows what stands at `target`, a message or an announcement, shows its text no more. */
interface ParlorRedaction {
  id: number;
  target: number;
  timestamp: number;
}

interface ParlorRoomEventMap {
  /** The count has changed. */
  'parlor:unread': CustomEvent<ParlorUnread>;
  /** The visitor is inside: he has joined, or still was when the page was loaded. */
  'parlor:joined': CustomEvent<{ name: string }>;
  /** The visitor is outside again. */
  'parlor:left': CustomEvent<null>;
  'parlor:message': CustomEvent<ParlorMessage>;
  /**
   * A token is wanted: there is none yet, the stay by the last one has ended, or it was not accepted. Answer by `login`, with
   * another one than before.
   */
  'parlor:login': CustomEvent<{ reason: 'first' | 'expired' | 'refused' }>;
  'parlor:announcement': CustomEvent<ParlorAnnouncement>;
  'parlor:redaction': CustomEvent<ParlorRedaction>;
}

interface HTMLElementTagNameMap {
  'parlor-room': ParlorRoomElement;
  'parlor-feed': ParlorFeedElement;
}

/** They bubble: one listener on the document hears all. */
interface DocumentEventMap extends ParlorRoomEventMap {}
