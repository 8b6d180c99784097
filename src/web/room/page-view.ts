/** Puts the views together and shows of the stay what there is to see. */

import type { Outgoing } from '../../client/outgoing.ts';
import { realSchedule } from '../../client/schedule.ts';
import { ComposerView } from '../composer/composer-view.ts';
import { mayTakeFocus } from '../dom.ts';
import { type AskLogin, Door } from '../join/door.ts';
import type { FeedSource } from '../join/glimpse.ts';
import { LogView } from '../log/log-view.ts';
import { OutgoingView } from '../log/outgoing-view.ts';
import { type WatchPresence, watchTab } from '../log/presence.ts';
import type { Reading } from '../log/reading.ts';
import { RosterView } from '../roster/roster-view.ts';
import type { Keepsakes } from '../stay/keepsakes.ts';
import { textOf } from '../stay/problem-text.ts';
import { StandingWatch } from '../stay/standing.ts';
import type { Stay } from '../stay/stay.ts';
import type { StayView } from '../stay/stay-view.ts';
import { strings } from '../text/strings.ts';
import { ConnectionView } from './connection-view.ts';
import { LoadingView, noRoomView } from './loading-view.ts';
import { RoomView } from './room-view.ts';

interface PageParts {
  readonly keepsakes: Keepsakes;
  /** Counts what was not read. */
  readonly reading: Reading;
  /** For the bar. */
  readonly bell: HTMLElement;
  readonly askLogin: AskLogin;
  /** Opens what is seen from the door; an `EventSource` if not given. */
  readonly openFeed?: (url: string) => FeedSource;
  /** Whether it can be seen; as its tab can, if not given. */
  readonly watchPresence?: WatchPresence;
}

interface Shown {
  readonly stay: Stay;
  readonly standing: StandingWatch;
  /** Goes to where one writes: a message, or outside one's name. */
  focus(): void;
  /** Joins from outside by what came along, as its button does. */
  enter(): Promise<void>;
}

/**
 * @param root where everything goes
 * @param stayOf makes the stay that is shown, once there is something to show it with
 */
export function showPage(
  root: HTMLElement,
  room: string,
  {
    keepsakes,
    reading,
    bell,
    askLogin,
    openFeed = (url) => new EventSource(url),
    watchPresence = watchTab,
  }: PageParts,
  stayOf: (view: StayView) => Stay,
): Shown {
  let ownName = '';
  let outgoing: readonly Outgoing[] = [];
  let names: readonly string[] = [];

  const door = new Door(room, {
    openFeed,
    askLogin,
    join: (name, password) => stay.join(name, password),
  });
  const loading = new LoadingView(room, () => stay.nudge());
  const outgoingView = new OutgoingView(
    (key) => settle(() => stay.sendAgain(key)),
    (key) => settle(() => stay.discard(key)),
  );
  const log = new LogView(outgoingView.element, reading, {
    cursor: () => stay.cursor,
    earlier: (limit) => void stay.showEarlier(limit),
    write: () => composer.focus(),
    watchPresence,
  });
  const roster = new RosterView((name) => composer.insert(name));
  const composer = new ComposerView({
    send: (text) => {
      if (!stay.send(text)) return strings.outboxFull;
      log.stick(true);
      return undefined;
    },
    leave: () => void leave(),
    draft: (text) => {
      keepsakes.draft = text;
    },
  });
  const connection = new ConnectionView({
    tryNow: () => stay.nudge(),
    dismiss: () => standing.dismiss(),
    focusLost: () => composer.focus(),
  });
  const standing = new StandingWatch(realSchedule, (now) => {
    connection.showStanding(now);
    outgoingView.setConnected(now.kind === 'fine' || now.kind === 'polling');
  });
  const roomView = new RoomView(room, connection, bell, log, roster, composer, { leave: () => void leave() });

  /** The button that was used goes with its message. */
  const settle = (decide: () => void) => {
    decide();
    composer.focus();
  };
  const leave = async () => {
    const problem = await stay.leave();
    if (problem !== undefined) roomView.showBanner(strings.leaveFailed(textOf(problem)));
  };
  const showOutgoing = () => outgoingView.show(outgoing, ownName, log.lastSpeaker === ownName);

  const stay = stayOf({
    loading: (isOffline, retryAt) => {
      door.leave();
      loading.show(isOffline, retryAt);
      if (root.firstElementChild !== loading.element) root.replaceChildren(loading.element);
    },
    noRoom: () => {
      door.leave();
      root.replaceChildren(noRoomView(room));
    },
    join: (...how) => {
      standing.state('ended', {});
      door.show(root, ...how);
    },
    room: (name) => {
      door.leave();
      ownName = name;
      roomView.reset();
      roster.reset();
      composer.enter(name);
      if (root.firstElementChild === roomView.element) {
        // The button that was used is gone.
        composer.focus();
        return;
      }
      log.clear();
      root.replaceChildren(roomView.element);
      composer.setText(keepsakes.draft);
      if (mayTakeFocus()) composer.focus();
    },
    limit: (maxMessageBytes) => composer.limit(maxMessageBytes),
    stopped: (text, label, onGoOn) => {
      standing.state('ended', {});
      roster.end();
      roomView.showStopped(text, label, onGoOn);
    },
    state: (state, detail) => {
      connection.showState(state);
      standing.state(state, detail);
    },
    notice: (text) => roomView.showNotice(text),
    roster: (all) => {
      names = all;
      composer.roster = names;
      roster.show(names, ownName);
    },
    begin: (events) => {
      log.clear();
      log.begin(events, ownName);
      composer.saw(events);
      showOutgoing();
    },
    append: (events) => {
      log.append(events);
      composer.saw(events);
      showOutgoing();
    },
    prepend: (events) => log.prepend(events),
    earlier: (state) => log.setEarlier(state),
    gap: (lost) => log.gap(lost),
    note: (text) => log.note(text),
    outgoing: (messages) => {
      outgoing = messages;
      showOutgoing();
      log.stick();
    },
    giveBack: (text, detail) => {
      composer.showError(detail);
      if (!composer.isEmpty) return false;
      composer.giveBack(text);
      return true;
    },
  });
  return {
    stay,
    standing,
    focus: () => (roomView.element.isConnected ? composer : door).focus(),
    enter: () => door.enter(),
  };
}
