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
  /** Somebody has removed the text: `message` is empty [LOG-4]. */
  readonly redacted?: true;
}

/** Something that nobody in the room says, but whoever runs it. */
export interface AnnouncementEvent extends EventBase {
  readonly type: 'announcement';
  readonly message: string;
  readonly redacted?: true;
}

/** From here on the message or announcement `target`, an earlier one of the same room, has no text any more. */
export interface RedactionEvent extends EventBase {
  readonly type: 'redaction';
  readonly target: number;
}

/** An event that has a text, which can be redacted. */
export type TextEvent = MessageEvent | AnnouncementEvent;

export type ChatRoomEvent = JoinEvent | LeaveEvent | TextEvent | RedactionEvent;

/** An event before the store has numbered and dated it. */
export type EventDraft =
  | Omit<JoinEvent, keyof EventBase>
  | Omit<LeaveEvent, keyof EventBase>
  | Omit<MessageEvent, keyof EventBase | 'redacted'>
  | Omit<AnnouncementEvent, keyof EventBase | 'redacted'>
  | Omit<RedactionEvent, keyof EventBase>;

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
    case 'announcement':
      return { id, type: draft.type, timestamp, message: draft.message };
    case 'redaction':
      return { id, type: draft.type, timestamp, target: draft.target };
  }
}

/** Whether an event has a text, redacted or not. */
export function hasText(event: ChatRoomEvent): event is TextEvent {
  return event.type === 'message' || event.type === 'announcement';
}

/** The event without its text [LOG-4]. The order of members is the order on the wire. */
export function redactedOf(event: TextEvent): TextEvent {
  return { ...event, message: '', redacted: true };
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
