/** The way of a message from its session to the room: limit, rules, and what the store's answer means. */

import type { User } from './authenticator.ts';
import { ask } from './call-hooks.ts';
import type { ChatRoom } from './chat-room.ts';
import { ChatError } from './errors.ts';
import type { Hooks } from './hooks.ts';
import { validateMessage } from './messages.ts';
import type { RoomObserver } from './observer.ts';
import type { SessionUsage } from './session-limits.ts';

/** Whose message it is. */
export interface Sender {
  readonly sessionId: string;
  readonly user: User | null;
  readonly chatRoom: ChatRoom;
  readonly usage: SessionUsage;
  /** @throws ChatError `session-gone` */
  requireOpen(): void;
}

interface SendRules {
  readonly maxMessageBytes: number;
  readonly hooks: Hooks;
  readonly observer: RoomObserver;
}

/** The answer to `send`. */
export interface SendAnswer {
  readonly id: number;
  readonly timestamp: number;
  /** Whether the key was known and nothing was appended. */
  readonly isRepeat: boolean;
}

/**
 * Appends a message.
 * @returns undefined if the store knows no such session (any more)
 * @throws ChatError `session-gone`, `not-joined`, `rate-limited`, `invalid-message`, `key-reused`, `unavailable`
 */
export async function sendMessage(
  sender: Sender,
  text: string,
  key: string | null,
  rules: SendRules,
): Promise<SendAnswer | undefined> {
  const { sessionId, user, chatRoom, usage } = sender;
  const refusal = usage.takeSend();
  // A repeat costs no limit, so a key is looked up even when the limit is exceeded.
  if (refusal && key === null) throw refusal;
  const message = validateMessage(text, { maxBytes: rules.maxMessageBytes });
  const { hooks, observer } = rules;
  if (hooks.validateMessage) {
    const asked = () => hooks.validateMessage?.(user, chatRoom.name, message);
    const objection = await ask(asked, 'this message', observer);
    if (objection !== undefined) throw new ChatError('invalid-message', objection);
    sender.requireOpen();
  }
  const answer = await chatRoom.send({ sessionId, message, key, isRepeatOnly: refusal !== undefined });
  switch (answer.outcome) {
    case 'appended':
      return { id: answer.id, timestamp: answer.timestamp, isRepeat: false };
    case 'repeated':
      if (!refusal) usage.giveBackSend();
      return { id: answer.id, timestamp: answer.timestamp, isRepeat: true };
    case 'unknown-key':
      throw refusal ?? new RangeError('The store looked for a key only, without being asked to.');
    case 'key-reused':
      throw new ChatError(
        'key-reused',
        'This key came with another text before. Give every message its own key.',
      );
    case 'not-joined':
      throw notJoined();
    case 'session-gone':
      return undefined;
  }
}

export function notJoined(): ChatError {
  return new ChatError('not-joined', 'You cannot send messages until you joined the chat.');
}
