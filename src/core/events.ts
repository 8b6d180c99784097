/** What happens in a room. The shapes here are the ones on the wire: a client may import them as types. */

interface EventBase {
  /** Contiguous per room: the event before has `id - 1` [LOG-1]. */
  readonly id: number;
  /** Milliseconds since 1970, set by the server; never goes back within a room. */
  readonly timestamp: number;
}

export interface JoinEvent extends EventBase {
  readonly type: 'join';
  readonly name: string;
}

export interface LeaveEvent extends EventBase {
  readonly type: 'leave';
  readonly name: string;
}

export interface MessageEvent extends EventBase {
  readonly type: 'message';
  readonly name: string;
  readonly message: string;
  /** What the sender gave to tell his own sends apart, if he did. */
  readonly key?: string;
}

export type ChatRoomEvent = JoinEvent | LeaveEvent | MessageEvent;

/** An event before the store has numbered and dated it. */
export type EventDraft =
  | Omit<JoinEvent, keyof EventBase>
  | Omit<LeaveEvent, keyof EventBase>
  | Omit<MessageEvent, keyof EventBase>;

/** An event with its JSON, written once for all members and transports [LOG-6]. */
export interface EncodedEvent {
  readonly event: ChatRoomEvent;
  readonly json: string;
  /** Length of `json` in UTF-8 bytes. */
  readonly bytes: number;
}

/** Numbers and dates a draft. The order of members is the order on the wire. */
export function eventOf(id: number, timestamp: number, draft: EventDraft): ChatRoomEvent {
  switch (draft.type) {
    case 'message':
      return draft.key === undefined
        ? { id, type: draft.type, timestamp, name: draft.name, message: draft.message }
        : { id, type: draft.type, timestamp, name: draft.name, message: draft.message, key: draft.key };
    case 'join':
    case 'leave':
      return { id, type: draft.type, timestamp, name: draft.name };
  }
}

export function encodeEvent(event: ChatRoomEvent): EncodedEvent {
  const json = JSON.stringify(event);
  return { event, json, bytes: utf8Length(json) };
}

/** How many bytes well-formed text has in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    // A surrogate is one half of four bytes; any other unit from 0x800 on has three.
    bytes += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
  }
  return bytes;
}
