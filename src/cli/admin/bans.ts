/** `parlor admin ban`, `unban` and `bans`: who is kept out. */

import { parseRange, rangeText } from '../../core/address-range.ts';
import { quote } from '../../core/quote.ts';
import { type BanKind, banKinds } from '../../core/restriction.ts';
import type { Ban } from '../../schemas/restrictions.ts';
import type { Arguments } from '../arguments.ts';
import { Failure, UsageError } from '../failure.ts';
import { contact } from './contact.ts';
import { byId, keyOf, shownLength } from './find.ts';
import { moment } from './format.ts';
import { Output } from './output.ts';
import type { Column } from './table.ts';
import { timeSpan } from './time-span.ts';

interface Target {
  readonly kind: BanKind;
  readonly value: string;
}

/** What is the same for values that ban the same. */
const sameness: Readonly<Record<Target['kind'], (value: string) => string>> = {
  user: (id) => id,
  name: keyOf,
  address: (text) => {
    const range = parseRange(text.trim());
    return range ? rangeText(range) : text;
  },
};

const columnsFor = (idLength: number | undefined): readonly Column<Ban>[] => [
  { title: 'BAN', text: ({ id }) => id.slice(0, idLength) },
  { title: 'KIND', text: ({ kind }) => kind, worth: 4 },
  { title: 'VALUE', text: ({ value }) => value, least: 15 },
  { title: 'ROOM', text: ({ room }) => room ?? '(all)', least: 8, worth: 3 },
  { title: 'SINCE', text: ({ createdAt }) => moment(createdAt), worth: 1 },
  { title: 'UNTIL', text: ({ until }) => (until === null ? 'lifted' : moment(until)), worth: 5 },
  { title: 'REASON', text: ({ reason }) => reason ?? '', least: 10, worth: 2 },
];

export async function ban({ options }: Arguments): Promise<void> {
  const target = targetOf(options);
  if (target === undefined) {
    throw new UsageError('Expected one of --user ID, --name NAME and --address ADDRESS; got none.');
  }
  const { room, reason } = options;
  const seconds = timeSpan('--for', options.for);
  const output = new Output(options);
  const api = await contact(options);
  const body = { ...target, room, seconds, reason };
  const kept: Ban = await api.ask('POST', '/bans', { body, has: 'id' });
  const until = kept.until === null ? 'until it is lifted' : `until ${moment(kept.until)}`;
  output.done(`Banned ${described(kept)}, ${until} (ban ${kept.id}).`, kept);
}

export async function unban({ operand, options }: Arguments): Promise<void> {
  const target = targetOf(options);
  if ((operand === '') === (target === undefined)) {
    const came = operand === '' ? 'none' : 'a BAN and an option';
    throw new UsageError(`Expected a BAN or one of --user, --name and --address; got ${came}.`);
  }
  const output = new Output(options);
  const api = await contact(options);
  const bans = await api.bans();
  const found =
    target === undefined
      ? byId('ban', bans, ({ id }) => id, operand)
      : ofTarget(bans, target, options.room ?? null);
  await api.ask('DELETE', `/bans/${encodeURIComponent(found.id)}`);
  output.done(`Lifted the ban of ${described(found)}.`, found);
}

export async function list({ options }: Arguments): Promise<void> {
  const output = new Output(options);
  const api = await contact(options);
  const bans = await api.bans();
  const idLength = output.isScreen ? shownLength(bans.map(({ id }) => id)) : undefined;
  output.list(columnsFor(idLength), bans, 'nobody is banned');
}

/** @throws UsageError if several are given */
function targetOf(options: Arguments['options']): Target | undefined {
  const given = banKinds.flatMap((kind) => {
    const value = options[kind];
    return value === undefined ? [] : [{ kind, value }];
  });
  const [target, second] = given;
  if (second === undefined) return target;
  throw new UsageError(`Expected one of --user, --name and --address; got ${given.length}.`);
}

function ofTarget(bans: readonly Ban[], { kind, value }: Target, room: string | null): Ban {
  const wanted = sameness[kind](value);
  const alike = bans.filter((each) => each.kind === kind && sameness[kind](each.value) === wanted);
  const found = alike.find((each) => each.room === room);
  if (found) return found;
  const others = alike.map((each) => each.room ?? 'all rooms').join(', ');
  const place = room === null ? 'all rooms' : `the room ${quote(room)}`;
  const hint = others === '' ? '"parlor admin bans" lists those there are' : `there is one from ${others}`;
  throw new Failure(`There is no ban of the ${kind} ${quote(value)} from ${place}; ${hint}.`);
}

function described({ kind, value, room }: Ban): string {
  return `the ${kind} ${quote(value)} from ${room === null ? 'all rooms' : `the room ${room}`}`;
}
