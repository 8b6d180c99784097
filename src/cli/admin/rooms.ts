/** `parlor admin rooms`, `close` and `reopen`. */

import type { AdminRoom } from '../../schemas/overview.ts';
import type { Arguments } from '../arguments.ts';
import { contact } from './contact.ts';
import { moment, size } from './format.ts';
import { Output } from './output.ts';
import type { Column } from './table.ts';

const columns: readonly Column<AdminRoom>[] = [
  { title: 'ROOM', text: ({ name }) => name, least: 12 },
  { title: 'MEMBERS', text: ({ members }) => `${members}`, isNumber: true },
  { title: 'SESSIONS', text: ({ sessions }) => `${sessions}`, isNumber: true, worth: 2 },
  { title: 'STREAMS', text: ({ streams }) => `${streams}`, isNumber: true, worth: 3 },
  { title: 'EVENTS', text: ({ events }) => `${events}`, isNumber: true, worth: 4 },
  { title: 'KEPT', text: ({ bytes }) => size(bytes), isNumber: true, worth: 1 },
  { title: 'CLOSED', text: ({ closed }) => (closed ? moment(closed.since) : ''), worth: 6 },
  { title: 'REASON', text: ({ closed }) => closed?.reason ?? '', least: 10, worth: 5 },
];

export async function list({ options }: Arguments): Promise<void> {
  const output = new Output(options);
  const api = await contact(options);
  const { rooms } = await api.ask('GET', '/rooms', { has: 'rooms' });
  output.list<AdminRoom>(columns, rooms, 'there are no rooms');
}

export async function close({ operand: room, options }: Arguments): Promise<void> {
  const { reason } = options;
  const output = new Output(options);
  const api = await contact(options);
  await api.ask('PUT', closureOf(room), { body: { reason } });
  output.done(`Closed the room ${room}.`, { room, isClosed: true, reason: reason ?? null });
}

export async function reopen({ operand: room, options }: Arguments): Promise<void> {
  const output = new Output(options);
  const api = await contact(options);
  await api.ask('DELETE', closureOf(room));
  output.done(`The room ${room} is open again.`, { room, isClosed: false });
}

function closureOf(room: string): string {
  return `/rooms/${encodeURIComponent(room)}/closure`;
}
