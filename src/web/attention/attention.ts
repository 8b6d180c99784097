/** Calls somebody who is not looking: by the tab's title and icon, and by notifications where he wants them. */

import type { RoomClient } from '../../client/room-client.ts';
import { strings } from '../text/strings.ts';
import { Looking } from './looking.ts';
import { type Unread, watchMarks } from './marks.ts';
import { Notices } from './notices.ts';
import { Notifier, type NotifyKeepsakes } from './notifier.ts';
import { NotifyView } from './notify-view.ts';
import { showMarks } from './tab.ts';

/** The centre of notifications shows a few lines; this is more. */
const maxBodyChars = 300;

/**
 * @returns the bell, for the bar
 */
export function callAttention(
  room: string,
  client: RoomClient,
  unread: Unread,
  keepsakes: NotifyKeepsakes,
): HTMLElement {
  const looking = new Looking(room);
  watchMarks(unread, looking, (marks) => showMarks(marks, strings.title(room)));

  const notices = new Notices(room);
  const notifier = new Notifier({
    keepsakes,
    mayNotify: () => notices.permission === 'granted',
    isLookedAt: () => looking.isAnywhere(),
    // Both are for HTTPS only: what has notifications and no locks is an old browser.
    alone: async (task) => navigator.locks?.request(`parlor:notify:${room}`, task) ?? task(),
    show: ({ name, text, count }) => {
      // Neither name may turn the direction of the other.
      const who = name === undefined ? strings.announcement : `\u2068${name}\u2069`;
      const title = count === 1 ? strings.notify.said(who, room) : strings.notify.saidMore(count, room);
      notices.show(title, (count === 1 ? text : `${who}: ${text}`).slice(0, maxBodyChars));
      view.show();
    },
    hide: () => notices.clear(),
  });
  looking.onChange(() => {
    if (!looking.is) return;
    notifier.looked();
    notices.clear();
  });
  client.on('session', ({ name }) => notifier.ownNameIs(name));
  client.on('events', (events) => void notifier.said(events, client.cursor ?? ''));

  const view = new NotifyView({
    get permission() {
      return notices.permission;
    },
    get wish() {
      return keepsakes.notify;
    },
    set wish(wish) {
      keepsakes.notify = wish;
    },
    ask: () => notices.ask(),
  });
  return view.element;
}
