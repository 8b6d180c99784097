/** Who is banned, where and until when; and how somebody becomes so. */

import { el } from '../dom.ts';
import { words } from '../text/admin.ts';
import type { Acts } from './acts.ts';
import type { AdminApi } from './admin-api.ts';
import type { Ban } from './answers.ts';
import type { Column } from './column.ts';
import type { Format } from './format.ts';
import { sweepList } from './list-sweep.ts';
import { button } from './parts.ts';
import { TableView } from './table-view.ts';

export class BansView {
  readonly element: HTMLElement;
  readonly #table: TableView<Ban>;
  readonly #api: AdminApi;

  constructor(api: AdminApi, acts: Acts, format: Format, now: () => number) {
    this.#api = api;
    this.#table = new TableView({
      label: words.parts.bans,
      columns: columnsOf(format, now),
      acts: [
        {
          text: () => words.unban,
          name: ({ value }) => `${words.unban}: ${value}`,
          act: (ban) => acts.unban(ban),
        },
      ],
      idOf,
      sortedBy: 'created',
      empty: words.noBans,
    });
    const more = button(`${words.banNew} …`, () => acts.banSomebody());
    this.element = el('div', {}, el('p', { class: 'row' }, more), this.#table.element);
  }

  async ask(life: AbortSignal): Promise<void> {
    const bans = await sweepList((offset) => this.#api.bans(offset, life), idOf, life);
    if (!life.aborted) this.#table.show(bans);
  }
}

function idOf({ id }: Ban): string {
  return id;
}

function columnsOf(format: Format, now: () => number): readonly Column<Ban>[] {
  const w = words.banColumns;
  const text = (key: string, label: string, of: (ban: Ban) => string | null, empty = ''): Column<Ban> => ({
    key,
    isLong: key === 'reason',
    label,
    kind: 'text',
    value: of,
    text: (ban) => of(ban) ?? empty,
  });
  return [
    text('value', w.value, ({ value }) => value),
    text('kind', w.kind, ({ kind }) => words.banKinds[kind]),
    text('room', w.room, ({ room }) => room ?? words.everywhere),
    text('reason', w.reason, ({ reason }) => reason, words.unknown),
    {
      key: 'created',
      isLong: true,
      label: w.created,
      kind: 'age',
      value: ({ createdAt }) => now() - createdAt,
      text: ({ createdAt }) => format.moment(createdAt, now()),
      title: ({ createdAt }) => format.fullMoment(createdAt),
    },
    {
      key: 'until',
      isLong: true,
      label: w.until,
      kind: 'left',
      value: ({ until }) => until && until - now(),
      text: ({ until }) => (until === null ? words.untilLifted : format.moment(until, now())),
      title: ({ until }) => (until === null ? '' : format.fullMoment(until)),
    },
  ];
}
