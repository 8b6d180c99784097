/** Who is there: every session, and what can be done with it. */

import { el } from '../dom.ts';
import { words } from '../text/admin.ts';
import type { Acts } from './acts.ts';
import type { AdminApi } from './admin-api.ts';
import type { AdminSession } from './answers.ts';
import type { Column } from './column.ts';
import type { Format } from './format.ts';
import { sweepList } from './list-sweep.ts';
import { TableView } from './table-view.ts';

export class SessionsView {
  readonly element: HTMLElement;
  readonly #table: TableView<AdminSession>;
  readonly #api: AdminApi;
  #isFirst = true;

  /** @param now the server's time */
  constructor(api: AdminApi, acts: Acts, format: Format, now: () => number) {
    this.#api = api;
    this.#table = new TableView({
      label: words.parts.sessions,
      columns: columnsOf(format, now),
      acts: [
        {
          text: () => words.remove,
          name: ({ name }) => `${words.remove}: ${name}`,
          act: (session) => acts.remove(session),
          isDire: () => true,
        },
        {
          text: () => words.ban,
          name: ({ name }) => `${words.ban}: ${name}`,
          act: (session) => acts.banFrom(session),
          isDire: () => true,
        },
      ],
      idOf: ({ sessionId }) => sessionId,
      sortedBy: 'created',
      empty: words.noSessions,
    });
    this.element = el('div', {}, this.#table.element, el('p', { class: 'hint' }, words.sessionsHint));
  }

  async ask(life: AbortSignal): Promise<void> {
    const sessions = await sweepList(
      (offset) => this.#api.sessions(offset, life),
      ({ sessionId }) => sessionId,
      life,
      (soFar, total) => {
        // Later what is there stands until all are read: it would shrink and grow.
        if (this.#isFirst) this.#table.show(soFar, words.reading(soFar.length, total));
      },
    );
    if (life.aborted) return;
    this.#isFirst = false;
    this.#table.show(sessions);
  }
}

function columnsOf(format: Format, now: () => number): readonly Column<AdminSession>[] {
  const w = words.sessionColumns;
  const text = (
    key: string,
    label: string,
    value: (session: AdminSession) => string | null,
    isLong = false,
  ): Column<AdminSession> => ({
    key,
    isLong,
    label,
    kind: 'text',
    value,
    text: (session) => value(session) ?? words.unknown,
  });
  const age = (key: string, label: string, of: (session: AdminSession) => number): Column<AdminSession> => ({
    key,
    label,
    kind: 'age',
    value: (session) => now() - of(session),
    text: (session) => format.span(Math.max(0, now() - of(session))),
    title: (session) => format.fullMoment(of(session)),
  });
  return [
    text('name', w.name, ({ name }) => name),
    text('user', w.user, ({ user }) => user?.id ?? null, true),
    text('room', w.room, ({ room }) => room),
    text('delivery', w.delivery, ({ delivery }) => delivery),
    text('state', w.state, ({ state }) => state),
    text('address', w.address, ({ address }) => address, true),
    age('created', w.created, ({ createdAt }) => createdAt),
    age('inbound', w.inbound, ({ lastInbound }) => lastInbound),
    age('outbound', w.outbound, ({ lastOutbound }) => lastOutbound),
    {
      key: 'streams',
      label: w.streams,
      kind: 'number',
      value: ({ streams }) => streams,
      text: ({ streams }) => format.number(streams),
    },
    {
      key: 'lagBytes',
      label: w.lagBytes,
      kind: 'bytes',
      value: ({ lag }) => lag.bytes,
      text: ({ lag }) => (lag.bytes === 0 ? '0' : format.bytes(lag.bytes)),
    },
    {
      key: 'lagEvents',
      label: w.lagEvents,
      kind: 'number',
      value: ({ lag }) => lag.events,
      text: ({ lag }) => format.number(lag.events),
    },
  ];
}
