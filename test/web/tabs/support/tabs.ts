/** Clients in the tabs of one browser, which share a connection. */

import type { StateDetail } from '../../../../src/client/news.ts';
import { RoomClient } from '../../../../src/client/room-client.ts';
import { channelTurn } from '../../../../src/web/tabs/channel-turn.ts';
import { TabLink } from '../../../../src/web/tabs/tab-link.ts';
import { lockTurn } from '../../../../src/web/tabs/turn.ts';
import type { FakeApi } from '../../../client/support/fake-api.ts';
import { FakeSchedule, settle } from '../../../client/support/fake-schedule.ts';
import { MemoryStorage } from '../../../client/support/memory-storage.ts';
import { FakeBrowser, type FakeTab } from './fake-browser.ts';
import { FakeRoom } from './fake-room.ts';

/** `locks`: as on a page that came over HTTPS. `channel`: as on one that came over HTTP. */
export type Kind = 'locks' | 'channel';
export const kinds: readonly Kind[] = ['locks', 'channel'];

export const heartbeatMs = 10_000;
/** Longer than what a tab needs to find out that it is alone, or that nobody answers. */
export const answerMs = 2500;

export interface Tab {
  readonly tab: FakeTab;
  readonly client: RoomClient;
  readonly api: FakeApi;
  /** Its own, as a browser's `sessionStorage`. */
  readonly storage: MemoryStorage;
  /** What the log told it, in order; gaps too. */
  readonly told: string[];
  readonly states: string[];
  readonly details: StateDetail[];
  readonly stores: boolean[];
  /** Holes that a client of its own would have noticed. */
  readonly healed: number[];
}

/** A tab whose renderer crashes, or that is loaded anew: its connections are cut as well. */
export function crash({ tab, api, storage }: Tab): void {
  tab.crash();
  storage.isForbidden = true;
  api.sendAnswer = () => new Promise(() => {});
  for (const stream of api.streams) stream.isCancelled = true;
}

export class Tabs {
  readonly browser = new FakeBrowser();
  readonly schedule = new FakeSchedule();
  readonly #left = new MemoryStorage();
  readonly #kind: Kind;
  readonly #rooms = new Set<FakeRoom>();

  constructor(kind: Kind) {
    this.#kind = kind;
  }

  /** A tab that goes on with the browser's session; what it was told begins at the log's head. */
  async open(room: FakeRoom): Promise<Tab> {
    const opened = this.begin(room);
    await this.pass(answerMs);
    return opened;
  }

  /**
   * The same without waiting until it is inside.
   *
   * @param before what a load before, or the tab that it is a copy of, had in its storage
   */
  begin(room: FakeRoom, before?: MemoryStorage): Tab {
    this.#rooms.add(room);
    const tab = this.browser.tab();
    const api = room.api();
    const own = new MemoryStorage();
    for (const [key, value] of before?.items ?? []) own.setItem(key, value);
    const storageOf = (key: string) => (key.startsWith('parlor:left:') ? this.#left : own);
    const client: RoomClient = new RoomClient({
      room: 'lobby',
      api,
      schedule: tab.scheduleOf(this.schedule),
      storage: {
        getItem: (key) => storageOf(key).getItem(key),
        setItem: (key, value) => storageOf(key).setItem(key, value),
      },
      link: (...link) =>
        new TabLink(
          {
            session: () => client.session,
            page: tab.page,
            openChannel: tab.openChannel,
            openTurn: (name, schedule, events) =>
              this.#kind === 'locks'
                ? lockTurn(tab.locks, name, events)
                : channelTurn((hear) => tab.openChannel(`${name}:turn`, hear), schedule, events),
          },
          ...link,
        ),
    });
    const opened: Tab = {
      tab,
      client,
      api,
      storage: own,
      told: [],
      states: [],
      details: [],
      stores: [],
      healed: [],
    };
    client.on('message', ({ message }) => opened.told.push(message));
    client.on('gap', (lost) => opened.told.push(`gap ${lost}`));
    client.on('healed', (count) => opened.healed.push(count));
    client.on('store', (isAway) => opened.stores.push(isAway));
    client.on('state', (state, detail) => {
      if (opened.states.at(-1) !== state) opened.states.push(state);
      opened.details.push(detail);
    });
    void client.resume();
    return opened;
  }

  /** Lets time pass, with its heartbeats, and everything happen that is due. */
  async pass(ms = 0): Promise<void> {
    for (let rest = ms; rest > 0; rest -= heartbeatMs) {
      for (const room of this.#rooms) room.tell(':\n\n');
      await this.schedule.advance(Math.min(rest, heartbeatMs));
    }
    for (let turn = 0; turn < 10; turn++) await settle();
  }
}

/** So many tabs in a room of their own, all of them live. */
export async function openTabs(kind: Kind, count: number) {
  const room = new FakeRoom();
  const browser = new Tabs(kind);
  const tabs: Tab[] = [];
  for (let i = 0; i < count; i++) tabs.push(await browser.open(room));
  return { room, browser, tabs };
}
