/** The page's entry: one room, named by the document, in one tab. */

import { RoomClient } from '../client/room-client.ts';
import { showPage } from './room/page-view.ts';
import { clientStorage, Keepsakes } from './stay/keepsakes.ts';
import { historyPageSize, Stay } from './stay/stay.ts';
import { language, strings } from './text/strings.ts';

const root = document.getElementById('app');
const room = document.documentElement.dataset.room ?? '';
if (root === null || room === '') throw new Error('The document names no room.');

document.documentElement.lang = language.tag;
document.documentElement.dir = language.direction;
document.title = strings.title(room);
const client = new RoomClient({ room, storage: clientStorage, history: historyPageSize });
const keepsakes = new Keepsakes(room);
const stay = showPage(
  root,
  room,
  keepsakes,
  (view) => new Stay(client, view, keepsakes),
  async (join) => {
    join.showMembers(undefined);
    const answer = await client.api.getRoom();
    if (answer.ok) join.showMembers(answer.body.members);
  },
);

// Back from sleep, from another tab, from a dead network: look at once.
addEventListener('online', () => stay.nudge());
addEventListener('pageshow', (event) => {
  if (event.persisted) stay.nudge();
});
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') stay.nudge();
});

void stay.start();
