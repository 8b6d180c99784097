/** The page's entry: one room, named by the document, in one tab. */

import { Api } from './api.ts';
import { Keepsakes } from './keepsakes.ts';
import { showPage } from './page-view.ts';
import { realSchedule } from './schedule.ts';
import { Stay } from './stay.ts';
import { strings } from './strings.ts';

const root = document.getElementById('app');
const room = document.documentElement.dataset.room ?? '';
if (root === null || room === '') throw new Error('The document names no room.');

document.title = strings.title(room);
const api = new Api(room);
const keepsakes = new Keepsakes(room);
const stay = showPage(
  root,
  room,
  keepsakes,
  (view) => new Stay(api, view, keepsakes, realSchedule),
  async (join) => {
    join.showMembers(undefined);
    const answer = await api.getRoom();
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
