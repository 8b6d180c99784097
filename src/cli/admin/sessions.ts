/** `parlor admin list` and `parlor admin remove`: who is there, and showing out. */

import { quote } from '../../core/quote.ts';
import type { AdminSession } from '../../schemas/admin.ts';
import type { Arguments } from '../arguments.ts';
import { Failure, UsageError } from '../failure.ts';
import { contact } from './contact.ts';
import { byId, keyOf, only, shownLength } from './find.ts';
import { size, span } from './format.ts';
import { Output } from './output.ts';
import type { Column } from './table.ts';

type Order = (a: AdminSession, b: AdminSession) => number;

const collator = new Intl.Collator('en', { numeric: true });
const byText =
  (text: (session: AdminSession) => string): Order =>
  (a, b) =>
    collator.compare(text(a), text(b));
const byMost =
  (number: (session: AdminSession) => number): Order =>
  (a, b) =>
    number(b) - number(a);

const userOf = ({ user }: AdminSession): string => user?.id ?? '';
const addressOf = ({ address }: AdminSession): string => address ?? '';

/** By the titles of the columns. */
const orders: Readonly<Record<string, Order>> = {
  name: byText(({ name }) => name),
  room: byText(({ room }) => room),
  user: byText(userOf),
  address: byText(addressOf),
  delivery: byText(({ delivery }) => delivery),
  state: byText(({ state }) => state),
  streams: byMost(({ streams }) => streams),
  age: byMost(({ createdAt }) => -createdAt),
  in: byMost(({ lastInbound }) => -lastInbound),
  out: byMost(({ lastOutbound }) => -lastOutbound),
  lag: byMost(({ lag }) => lag.bytes),
};

export async function list({ options }: Arguments): Promise<void> {
  const { room, name, sort = 'age' } = options;
  const order = Object.hasOwn(orders, sort) ? orders[sort] : undefined;
  if (!order)
    throw new UsageError(`--sort: expected one of ${Object.keys(orders).join(', ')}; got ${quote(sort)}.`);
  const output = new Output(options);
  const api = await contact(options);
  const all = await api.sessions(room);
  const part = name?.toLowerCase() ?? '';
  const found = all.filter((session) => session.name.toLowerCase().includes(part)).sort(order);
  const nothing = all.length === 0 ? 'there are no sessions' : 'there is no such session';
  output.list(
    columnsFor(api.now(), output.isScreen ? shownLength(all.map(({ sessionId }) => sessionId)) : undefined),
    found,
    nothing,
  );
}

export async function remove({ operand, options }: Arguments): Promise<void> {
  const { name, room, reason } = options;
  if ((operand === '') === (name === undefined)) {
    const came = operand === '' ? 'neither' : 'both';
    throw new UsageError(`Expected either a SESSION or --name NAME; got ${came}.`);
  }
  const output = new Output(options);
  const api = await contact(options);
  const sessions = await api.sessions(room);
  const session =
    name === undefined
      ? byId('session', sessions, ({ sessionId }) => sessionId, operand.toLowerCase(), operand)
      : named(sessions, name, room);
  await api.ask('DELETE', `/sessions/${encodeURIComponent(session.sessionId)}`, { query: { reason } });
  const { sessionId } = session;
  output.done(`Removed ${quote(session.name)} from ${session.room} (session ${sessionId}).`, session);
}

function named(sessions: readonly AdminSession[], name: string, room: string | undefined): AdminSession {
  const key = keyOf(name);
  const found = sessions.filter((session) => keyOf(session.name) === key);
  const place = room === undefined ? '' : ` in the room ${quote(room)}`;
  if (found.length === 0) throw new Failure(`Nobody has the name ${quote(name)}${place}.`);
  return only(
    found,
    `session with the name ${quote(name)}${place}`,
    (session) => `${session.room} ${session.sessionId}`,
  );
}

function columnsFor(now: number, idLength: number | undefined): readonly Column<AdminSession>[] {
  return [
    { title: 'SESSION', text: ({ sessionId }) => sessionId.slice(0, idLength) },
    { title: 'NAME', text: ({ name }) => name, least: 12 },
    { title: 'ROOM', text: ({ room }) => room, least: 8, worth: 9 },
    { title: 'USER', text: userOf, least: 8, worth: 6 },
    { title: 'ADDRESS', text: addressOf, least: 15, worth: 8 },
    { title: 'DELIVERY', text: ({ delivery }) => delivery, worth: 1 },
    { title: 'STATE', text: ({ state }) => state, worth: 2 },
    { title: 'STREAMS', text: ({ streams }) => `${streams}`, isNumber: true, worth: 3 },
    { title: 'AGE', text: ({ createdAt }) => span(now - createdAt), isNumber: true, worth: 5 },
    { title: 'IN', text: ({ lastInbound }) => span(now - lastInbound), isNumber: true, worth: 7 },
    { title: 'OUT', text: ({ lastOutbound }) => span(now - lastOutbound), isNumber: true, worth: 4 },
    { title: 'LAG', text: ({ lag }) => size(lag.bytes), isNumber: true, worth: 7 },
  ];
}
