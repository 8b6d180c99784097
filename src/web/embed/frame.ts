/**
 * The entry of the framed page: one room in the page of somebody else. No cookie has anything to do with it: browsers keep
 * those from frames, and who is signed in to the chat itself is not to be moved by the page around. Its token is kept for
 * this tab and this page's site only (`sessionStorage`), or in memory where that is forbidden.
 */

import { type Problem, ProblemError } from '../../client/problem.ts';
import { RoomClient } from '../../client/room-client.ts';
import { realSchedule } from '../../client/schedule.ts';
import type { ClientStorage } from '../../client/storage.ts';
import { el, isFramed } from '../dom.ts';
import { loginAt } from '../join/asked.ts';
import { Reading } from '../log/reading.ts';
import { noRoomView } from '../room/loading-view.ts';
import { showPage } from '../room/page-view.ts';
import { historyPageSize } from '../stay/earlier-pages.ts';
import { Keepsakes } from '../stay/keepsakes.ts';
import { Stay } from '../stay/stay.ts';
import { onNetwork, onWaking } from '../stay/waking.ts';
import { language, strings } from '../text/strings.ts';
import { watchHeight } from './content-height.ts';
import { dress } from './dress.ts';
import { fetchedFeed } from './fetched-feed.ts';
import { HostLink } from './host-link.ts';
import { HostLogin } from './host-login.ts';
import { Sight } from './sight.ts';
import type { HostWord } from './talk.ts';

/** A page that has the element says what it wishes by then; a plain frame has none. */
const setupMs = 1000;

const page = document.documentElement;
const root = document.getElementById('app');
const { room = '', isHere, embedOrigins = '' } = page.dataset;
if (root === null) throw new Error('The document has no place for a room.');
page.lang = language.tag;
page.dir = language.direction;

let unwatchHeight: (() => void) | undefined;
let setUp: (setup: HostWord & { type: 'setup' }) => void;
const isSetUp = new Promise<HostWord & { type: 'setup' }>((resolve) => {
  setUp = resolve;
});
let goToField = () => {};
/** Has the visitor in by the newest token. */
let logIn = () => {};
const login = new HostLogin(realSchedule, (reason) => host.say({ type: 'login', reason }));
const sight = new Sight();
const host = new HostLink(embedOrigins, (word) => {
  if (word.type === 'focus') return goToField();
  if (word.type === 'token') {
    login.take(word.token);
    return logIn();
  }
  if (word.type === 'sight') return sight.set(word.isInSight);
  dress(word.look);
  unwatchHeight?.();
  unwatchHeight = word.isAutoHigh
    ? watchHeight(root, (height) => host.say({ type: 'height', height }))
    : undefined;
  setUp(word);
});
const setup = await Promise.race([
  isSetUp,
  new Promise<undefined>((resolve) => setTimeout(resolve, isFramed() ? setupMs : 0)),
]);

/** Where nobody has chosen a name yet, the page around proposes one. */
class FramedKeepsakes extends Keepsakes {
  readonly #proposedName: string;

  constructor(room: string, proposedName: string) {
    super(room, window);
    this.#proposedName = proposedName;
  }

  override get name(): string {
    return super.name || this.#proposedName;
  }

  override set name(name: string) {
    super.name = name;
  }
}

function noteRefusal({ status }: Problem): void {
  if (status === 401 || status === 403 || status === 422) login.refused();
  logInByNewer();
}

/** What the server has answered was about a token before the newest, or about none. */
function logInByNewer(): void {
  if (login.isUntried) logIn();
}

/** Where a token does not let in, the page around is told. */
class LoginStay extends Stay {
  override async join(name: string | undefined, password?: string): Promise<Problem | undefined> {
    const problem = await super.join(name, password);
    if (problem !== undefined) noteRefusal(problem);
    return problem;
  }
}

function showRoom(place: HTMLElement, proposedName: string): void {
  document.title = strings.title(room);
  let isTokenLost = false;
  const storage: ClientStorage = {
    getItem: (key) => sessionStorage.getItem(key),
    setItem(key, value) {
      const isToken = key.startsWith('parlor:token:');
      isTokenLost ||= isToken;
      sessionStorage.setItem(key, value);
      isTokenLost &&= !isToken;
    },
  };
  const client: RoomClient = new RoomClient({
    room,
    credential: 'bearer',
    storage,
    history: historyPageSize,
    // Within a session it is asked for only to create another one.
    token: () => login.newest(client.session !== undefined),
  });
  const keepsakes = new FramedKeepsakes(room, proposedName);
  const reading = new Reading(keepsakes);
  tellHost(client, reading);
  const inTab = el(
    'a',
    { class: 'in-tab', href: `/${room}`, target: '_blank', rel: 'noopener', title: strings.openInTab },
    el('span', { class: 'unseen' }, strings.openInTab),
  );
  const { stay, standing, focus, enter } = showPage(
    place,
    room,
    {
      keepsakes,
      reading,
      bell: inTab,
      askLogin: async () => {
        const takes = await loginAt(client.api);
        const isWay = takes?.takes.some((way) => way === 'token' || way === 'anything');
        if (!takes || !isWay) return takes;
        if (!login.isGiven) login.want('first');
        return { ...takes, given: takes.given || login.isGiven };
      },
      openFeed: fetchedFeed,
      watchPresence: (tell) => sight.watch(tell),
    },
    (view) => new LoginStay(client, view, keepsakes),
  );
  goToField = focus;
  onWaking(() => stay.nudge());
  addEventListener('pagehide', ({ persisted }) => {
    // Nobody could go on with it, and its name would be taken until it expires.
    if (!persisted && isTokenLost && client.session !== undefined) void client.api.destroy();
  });
  addEventListener('storage', () => reading.catchUp());
  onNetwork(
    async () => {
      const answer = await client.api.ping();
      return answer.ok || answer.problem.status > 0;
    },
    (isThere) => standing.network(isThere),
  );
  let turn = stay.start();
  logIn = () => {
    // One after the other: of several tokens the last one counts.
    turn = turn.then(async () => {
      if (!login.isFresh) return;
      if (client.session === undefined) return enter();
      try {
        await client.renew();
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        noteRefusal(error.problem);
      }
    });
  };
  logIn();
}

function tellHost(client: RoomClient, reading: Reading): void {
  let name: string | undefined;
  client.on('session', (session) => {
    login.accepted();
    logInByNewer();
    // Created again, nothing but the session is another.
    if (session.name === name) return;
    name = session.name;
    host.say({ type: 'joined', name });
  });
  client.on('state', (state) => {
    if (state !== 'ended' || name === undefined) return;
    name = undefined;
    host.say({ type: 'left' });
  });
  client.on('message', ({ id, name: by, message, timestamp }) => {
    host.say({ type: 'message', id, name: by, message, timestamp, isOwn: by === name });
  });
  client.on('announcement', ({ id, message, timestamp }) => {
    host.say({ type: 'announcement', id, message, timestamp });
  });
  client.on('redaction', ({ id, target, timestamp }) => {
    host.say({ type: 'redaction', id, target, timestamp });
  });
  reading.onChange(() => {
    host.say({ type: 'unread', unread: reading.unread, mentions: reading.mentions });
  });
}

if (isHere === 'yes') showRoom(root, setup?.name ?? '');
else {
  const view = noRoomView(decodeURIComponent(location.pathname.split('/').at(-1) ?? ''));
  view.querySelector('a')?.setAttribute('target', '_blank');
  root.replaceChildren(view);
}
