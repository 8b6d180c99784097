/** The page at `/admin`: lets in whoever has the token, and shows the server to him. */

import { ProblemError } from '../../client/problem.ts';
import { realSchedule } from '../../client/schedule.ts';
import { localeFor } from '../log/locale.ts';
import { language, words } from '../text/admin.ts';
import { AdminApi } from './admin-api.ts';
import { DeskView } from './desk-view.ts';
import { DoorView, refusalText } from './door-view.ts';
import { formatFor } from './format.ts';
import { TokenKeeper } from './token-keeper.ts';

const root = document.getElementById('app');
if (root === null) throw new Error('The document has no place for the page.');
const format = formatFor(localeFor(language, navigator.languages));
const keeper = new TokenKeeper(storageOfTab());

document.documentElement.lang = language;
if (keeper.token === '') toDoor(root, '');
else toDesk(root, new AdminApi(keeper.token, fetch));

function toDoor(place: HTMLElement, said: string): void {
  const door = new DoorView({
    said,
    async enter(token) {
      const api = new AdminApi(token, fetch);
      await api.stats();
      keeper.keep(token);
      toDesk(place, api);
    },
  });
  place.replaceChildren(door.element);
  document.title = `${words.title} · ${words.product}`;
  door.focus();
}

function toDesk(place: HTMLElement, api: AdminApi): void {
  const leave = (said: string) => {
    desk.stop();
    keeper.forget();
    for (const dialog of document.querySelectorAll('dialog')) dialog.close();
    toDoor(place, said);
  };
  const desk = new DeskView({
    api,
    format,
    schedule: realSchedule,
    forget: () => leave(''),
    refused: (problem) =>
      leave(problem.status === 401 ? words.tokenOld : refusalText(new ProblemError(problem))),
  });
  place.replaceChildren(desk.element);
  desk.start();
}

/** Reading it throws where it is forbidden. */
function storageOfTab(): Storage | undefined {
  try {
    return sessionStorage;
  } catch {
    return undefined;
  }
}
