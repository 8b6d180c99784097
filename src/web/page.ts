/** The page's entry: one room, named by the document, in one tab. */

import { RoomClient } from '../client/room-client.ts';
import { callAttention } from './attention/attention.ts';
import { mindTouchKeyboard } from './composer/touch-keyboard.ts';
import { loginAt } from './join/asked.ts';
import { Reading } from './log/reading.ts';
import { showPage } from './room/page-view.ts';
import { historyPageSize } from './stay/earlier-pages.ts';
import { clientStorage, Keepsakes } from './stay/keepsakes.ts';
import { Stay } from './stay/stay.ts';
import { onNetwork, onWaking } from './stay/waking.ts';
import { browserTabs } from './tabs/browser-tabs.ts';
import { language, strings } from './text/strings.ts';

const root = document.getElementById('app');
const room = document.documentElement.dataset.room ?? '';
if (root === null || room === '') throw new Error('The document names no room.');

document.documentElement.lang = language.tag;
document.documentElement.dir = language.direction;
document.title = strings.title(room);
const client: RoomClient = new RoomClient({
  room,
  storage: clientStorage(globalThis),
  history: historyPageSize,
  link: browserTabs(() => client.session),
});
const keepsakes = new Keepsakes(room, globalThis);
const reading = new Reading(keepsakes);
const bell = callAttention(room, client, reading, keepsakes);
const { stay, standing } = showPage(
  root,
  room,
  { keepsakes, reading, bell, askLogin: () => loginAt(client.api) },
  (view) => new Stay(client, view, keepsakes),
);

mindTouchKeyboard(window.visualViewport);
onWaking(() => stay.nudge());
// Told by the other tabs of the browser.
addEventListener('storage', () => reading.catchUp());
onNetwork(
  async () => {
    const answer = await client.api.ping();
    return answer.ok || answer.problem.status > 0;
  },
  (isThere) => standing.network(isThere),
);

void stay.start();
