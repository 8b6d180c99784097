/** What is kept, and where. */

import { isRoomName } from '../../core/room-names.ts';
import { BadValue } from '../bad-value.ts';
import { storeUrl } from '../network-types.ts';
import {
  bytes,
  choice,
  duration,
  list,
  type OptionType,
  optional,
  orOff,
  orWord,
  path,
  wholeNumber,
} from '../option-types.ts';
import type { OptionVisitor } from './option.ts';

const noLimit = Number.POSITIVE_INFINITY;
const million = 1_000_000;

export function keepingOptions(option: OptionVisitor) {
  return {
    storeUrl: option(
      'STORE_URL',
      storeUrl,
      'sqlite:./data/parlor.db',
      'Where events, sessions and names live: a file that survives restarts, memory only, or a Redis that several instances share.',
    ),
    storeCa: option(
      'STORE_CA',
      optional(path),
      '',
      'The authorities by which the certificate of a rediss:// is judged, instead of those that everybody knows.',
    ),
    storeCert: option(
      'STORE_CERT',
      optional(path),
      '',
      'The certificate by which the server makes itself known to a rediss:// that asks for one.',
    ),
    storeKey: option('STORE_KEY', optional(path), '', 'The private key of STORE_CERT.'),
    storeSynchronous: option(
      'STORE_SYNCHRONOUS',
      choice('full', 'normal'),
      'full',
      'When a message is acknowledged: once the disk has it (full), or once the system has it (normal), which a loss of power may lose.',
    ),
    rooms: option(
      'ROOMS',
      orWord(rooms, '*', '*', 'any room opens on first use, and lobby is at /'),
      'lobby',
      'The rooms there are; the page at / shows the first.',
    ),
    maxRooms: option(
      'MAX_ROOMS',
      orOff(wholeNumber(1, million), noLimit, 'no limit'),
      '1000',
      'How many rooms may be open at once.',
    ),
    historyEvents: option(
      'HISTORY_EVENTS',
      orOff(wholeNumber(1, 10 * million), noLimit, 'only the other HISTORY_* limits count'),
      '10000',
      'How many events a room keeps.',
    ),
    historyBytes: option(
      'HISTORY_BYTES',
      bytes('1KiB', '16GiB'),
      '16MiB',
      'How many bytes of events a room keeps.',
    ),
    historyAgeMs: option(
      'HISTORY_HOURS',
      orOff(duration('hours', 0.001, 876_000), noLimit, 'events do not age'),
      '24',
      'How long a room keeps its events, in hours.',
    ),
    historyTotalBytes: option(
      'HISTORY_TOTAL_BYTES',
      bytes('1KiB', '64GiB'),
      '256MiB',
      'How many bytes of events all rooms keep together.',
    ),
  };
}

const roomName: OptionType<string> = {
  expected:
    'a room name: 1–32 characters of a–z, 0–9 and inner -, and not a word of the server’s own addresses',
  parse(text) {
    if (!isRoomName(text)) throw new BadValue(roomName.expected);
    return text;
  },
};

const roomNames = list(roomName, 'room names');

const rooms: OptionType<readonly string[]> = {
  ...roomNames,
  parse(text, variable) {
    const names = roomNames.parse(text, variable);
    if (names.length === 0) throw new BadValue(roomNames.expected);
    return names;
  },
};
