/** `parlor admin announce`, `history` and `redact`: what is said in a room. */

import { hasText, type TextEvent } from '../../core/events.ts';
import { quote } from '../../core/quote.ts';
import type { AdminRoom } from '../../schemas/overview.ts';
import { maxPageLimit } from '../../schemas/page-limits.ts';
import type { Arguments } from '../arguments.ts';
import { safeLine } from '../chat/safe-text.ts';
import { Failure, UsageError } from '../failure.ts';
import { wholeNumber } from '../whole-number.ts';
import type { AdminApi } from './admin-api.ts';
import { contact } from './contact.ts';
import { moment } from './format.ts';
import { Output } from './output.ts';
import type { Column } from './table.ts';

const usualLast = 20;
const maxLast = 10_000;
/** Far beyond any message (64 KiB): what is longer is refused as too long. */
const maxInput = 1024 * 1024;

const columns: readonly Column<TextEvent>[] = [
  { title: 'ID', text: ({ id }) => `${id}`, isNumber: true },
  { title: 'TIME', text: ({ timestamp }) => moment(timestamp), worth: 1 },
  // No name has parentheses.
  { title: 'NAME', text: (event) => (event.type === 'message' ? event.name : '(announcement)'), least: 10 },
  { title: 'TEXT', text: textOf, least: 20 },
];

export async function announce({ operand, options }: Arguments): Promise<void> {
  const { room, all } = options;
  if ((room === undefined) === (all === undefined)) {
    throw new UsageError(
      `Expected either --room ROOM or --all; got ${room === undefined ? 'neither' : 'both'}.`,
    );
  }
  const output = new Output(options);
  const message = operand === '' ? await standardInput() : operand;
  const api = await contact(options);
  const rooms = room === undefined ? await openRooms(api) : [room];
  let failed = 0;
  for (const name of rooms) {
    try {
      const place = await api.ask('POST', `${pathOf(name)}/announcements`, { body: { message }, has: 'id' });
      output.done(`Announced in ${name} (event ${place.id}).`, { room: name, ...place });
    } catch (error) {
      // In one room it is the end; of several the others are told.
      if (rooms.length === 1 || !(error instanceof Failure)) throw error;
      failed += 1;
      process.stderr.write(`parlor: ${safeLine(name)}: ${error.message}\n`);
    }
  }
  if (failed > 0) throw new Failure(`Not announced in ${failed} of ${rooms.length} rooms.`);
}

export async function history({ operand: room, options }: Arguments): Promise<void> {
  const last = wholeNumber('--last', options.last, maxLast) ?? usualLast;
  const output = new Output(options);
  const api = await contact(options);
  output.list(
    columns,
    await lastTexts(api, room, last),
    `nothing is kept of what was said in ${quote(room)}`,
  );
}

export async function redact({ operand: room, others = [], options }: Arguments): Promise<void> {
  const [id = ''] = others;
  if (!/^[1-9]\d{0,14}$/.test(id)) {
    throw new UsageError(`Expected the ID of a message, a number such as 43; got ${quote(id)}.`);
  }
  const output = new Output(options);
  const api = await contact(options);
  const target = Number(id);
  const query = { reason: options.reason };
  const place = await api.ask('DELETE', `${pathOf(room)}/messages/${id}`, { query, has: 'id' });
  output.done(`The text of ${id} in ${room} is gone (event ${place.id}).`, { room, target, ...place });
}

function pathOf(room: string): string {
  return `/rooms/${encodeURIComponent(room)}`;
}

/** In a closed one nobody listens. */
async function openRooms(api: AdminApi): Promise<readonly string[]> {
  const { rooms } = await api.ask('GET', '/rooms', { has: 'rooms' });
  const open = rooms.filter(({ closed }: AdminRoom) => closed === null).map(({ name }: AdminRoom) => name);
  if (open.length === 0) throw new Failure('No room is open.');
  return open;
}

async function standardInput(): Promise<string> {
  const { stdin } = process;
  if (stdin.isTTY) throw new UsageError('Expected a TEXT, or one in the standard input; got neither.');
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of stdin) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > maxInput)
      throw new Failure(`Expected a text of at most ${maxInput} characters; got more.`);
  }
  text = (text + decoder.decode()).trimEnd();
  if (text === '') throw new Failure('Expected a text in the standard input; it is empty.');
  return text;
}

/** The last messages and announcements, the oldest of them first. */
async function lastTexts(api: AdminApi, room: string, last: number): Promise<readonly TextEvent[]> {
  let found: TextEvent[] = [];
  let before: string | undefined;
  while (found.length < last) {
    const query = { before, limit: maxPageLimit };
    const page = await api.ask('GET', `${pathOf(room)}/history`, { query, has: 'events' });
    found = [...page.events.filter(hasText), ...found];
    if (!page.more || page.cursor === before) break;
    before = page.cursor;
  }
  return last === 0 ? [] : found.slice(-last);
}

function textOf({ message, redacted }: TextEvent): string {
  return redacted ? '(removed)' : message.split(/\r?\n/).join(' ⏎ ');
}
