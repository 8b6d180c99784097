/** What somebody asks for who bans somebody, and whether that can be. */

import { parseRange, rangeText } from './address-range.ts';
import { validateReason } from './deed-reasons.ts';
import { ChatError } from './errors.ts';
import { nameKey, type Skeleton, validateName } from './names.ts';
import { quote } from './quote.ts';
import type { BanKind, RestrictionDraft } from './restriction.ts';
import type { Tokens } from './tokens.ts';

/** Whom to keep out, and for how long. */
export interface BanRequest {
  readonly kind: BanKind;
  /** A user's id; a name, which bans those that look the same too; an IP address or a range of them (CIDR). */
  readonly value: string;
  /** From this room only; from all, if it is missing. */
  readonly room?: string | undefined;
  /** For so long; until it is lifted, if it is missing. */
  readonly seconds?: number | undefined;
  /** Told to those whom it hits: one line of at most 200 characters. */
  readonly reason?: string | undefined;
}

interface DraftParts {
  readonly tokens: Pick<Tokens, 'hash'>;
  readonly skeleton: Skeleton;
  readonly maxNameLength: number;
}

const maxUserIdLength = 1024;
/** Ten years. */
export const maxBanSeconds = 315_360_000;
const idLength = 22;

/**
 * What is to be kept of a ban. Its id is made of whom it hits, and where.
 * @throws ChatError `invalid-request`, `invalid-name`, `invalid-message` (the reason)
 */
export function draftOf(
  request: BanRequest,
  { tokens, skeleton, maxNameLength }: DraftParts,
): RestrictionDraft {
  const { kind, room = null, seconds, reason } = request;
  const value = validValue(request, maxNameLength);
  if (seconds !== undefined && !(Number.isInteger(seconds) && seconds >= 1 && seconds <= maxBanSeconds)) {
    throw wrong(`seconds: expected a whole number from 1 to ${maxBanSeconds}; got ${seconds}.`);
  }
  const same = kind === 'name' ? nameKey(value, skeleton) : value;
  const id = tokens.hash(JSON.stringify([kind, same, room])).slice(0, idLength);
  return { id, kind, value, room, reason: validateReason(reason) ?? null };
}

function validValue({ kind, value }: BanRequest, maxNameLength: number): string {
  // An application may be written in JavaScript: what is kept here nobody could lift again.
  if (typeof value !== 'string') throw wrong(`value: expected a text; got ${typeof value}.`);
  switch (kind) {
    case 'name':
      return validateName(value, { maxLength: maxNameLength });
    case 'address': {
      const range = parseRange(value.trim());
      if (range) return rangeText(range);
      throw wrong(`value: expected an IP address or a range of them, as 192.0.2.0/24; got ${quote(value)}.`);
    }
    case 'user':
      if (value !== '' && value.length <= maxUserIdLength) return value;
      throw wrong(
        `value: expected the id of a user, of 1 to ${maxUserIdLength} characters; got ${value.length}.`,
      );
    default:
      throw wrong(`kind: expected user, name or address; got ${quote(String(kind))}.`);
  }
}

function wrong(detail: string): ChatError {
  return new ChatError('invalid-request', detail);
}
