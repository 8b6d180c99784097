/** The rooms in use and those that are closed, and what can be done with them. */

import { words } from '../text/admin.ts';
import type { Acts } from './acts.ts';
import type { AdminApi } from './admin-api.ts';
import type { AdminRoom } from './answers.ts';
import type { Column } from './column.ts';
import type { Format } from './format.ts';
import { MessagesView } from './messages-view.ts';
import { TableView } from './table-view.ts';

export class RoomsView {
  readonly element: HTMLElement;
  readonly #table: TableView<AdminRoom>;
  readonly #api: AdminApi;

  constructor(api: AdminApi, acts: Acts, format: Format, now: () => number) {
    this.#api = api;
    this.#table = new TableView({
      label: words.parts.rooms,
      columns: columnsOf(format, now),
      acts: [
        {
          text: () => words.messages,
          name: ({ name }) => `${words.messages}: ${name}`,
          act: ({ name }) => new MessagesView(name, api, acts, format).open(),
        },
        {
          text: () => words.announce,
          name: ({ name }) => `${words.announce}: ${name}`,
          act: (room) => acts.announce(room),
        },
        {
          text: ({ closed }) => (closed ? words.reopen : words.closeRoom),
          name: ({ closed, name }) => `${closed ? words.reopen : words.closeRoom}: ${name}`,
          act: (room) => (room.closed ? acts.reopen(room) : acts.close(room)),
          isDire: ({ closed }) => !closed,
        },
      ],
      idOf: ({ name }) => name,
      sortedBy: 'name',
      empty: words.noRooms,
    });
    this.element = this.#table.element;
  }

  async ask(life: AbortSignal): Promise<void> {
    const rooms = await this.#api.rooms(life);
    if (!life.aborted) this.#table.show(rooms);
  }
}

function columnsOf(format: Format, now: () => number): readonly Column<AdminRoom>[] {
  const w = words.roomColumns;
  const counted = (key: 'members' | 'sessions' | 'streams' | 'events'): Column<AdminRoom> => ({
    key,
    label: w[key],
    kind: 'number',
    value: (room) => room[key],
    text: (room) => format.number(room[key]),
  });
  return [
    { key: 'name', label: w.name, kind: 'text', value: ({ name }) => name, text: ({ name }) => name },
    counted('members'),
    counted('sessions'),
    counted('streams'),
    counted('events'),
    {
      key: 'bytes',
      label: w.bytes,
      kind: 'bytes',
      value: ({ bytes }) => bytes,
      text: ({ bytes }) => format.bytes(bytes),
    },
    {
      key: 'closed',
      label: w.closed,
      kind: 'text',
      isLong: true,
      value: (room) => room.closed && closedText(room.closed),
      text: (room) => (room.closed ? closedText(room.closed) : words.isOpen),
    },
  ];

  function closedText({ since, reason }: NonNullable<AdminRoom['closed']>): string {
    return words.closedSince(format.moment(since, now()), reason);
  }
}
