/** Puts the views together and shows of the stay what there is to see. */

import type { Outgoing } from '../../client/outbox.ts';
import { ComposerView } from '../composer/composer-view.ts';
import { el } from '../dom.ts';
import { JoinView } from '../join/join-view.ts';
import { LogView } from '../log/log-view.ts';
import { OutgoingView } from '../log/outgoing-view.ts';
import { RosterView } from '../roster/roster-view.ts';
import type { Keepsakes } from '../stay/keepsakes.ts';
import { textOf } from '../stay/problem-text.ts';
import type { Stay } from '../stay/stay.ts';
import type { StayView } from '../stay/stay-view.ts';
import { strings } from '../text/strings.ts';
import { RoomView } from './room-view.ts';

/**
 * @param root where everything goes
 * @param stayOf makes the stay that is shown, once there is something to show it with
 * @param onOutside is called when the join form appears
 */
export function showPage(
  root: HTMLElement,
  room: string,
  keepsakes: Keepsakes,
  stayOf: (view: StayView) => Stay,
  onOutside: (join: JoinView) => void,
): Stay {
  let ownName = '';
  let outgoing: readonly Outgoing[] = [];
  let names: readonly string[] = [];

  const joinView = new JoinView(room, (name) => stay.join(name));
  const outgoingView = new OutgoingView(
    (key) => stay.sendAgain(key),
    (key) => stay.discard(key),
  );
  const log = new LogView(outgoingView.element, () => void stay.showEarlier());
  const roster = new RosterView();
  const composer = new ComposerView(
    (text) => {
      if (!stay.send(text)) return strings.outboxFull;
      log.stick(true);
      return undefined;
    },
    (text) => {
      keepsakes.draft = text;
    },
  );
  const roomView = new RoomView(room, log, roster, composer, {
    leave: () => void leave(),
    tryNow: () => stay.nudge(),
  });

  const leave = async () => {
    const problem = await stay.leave();
    if (problem !== undefined) roomView.showBanner(strings.leaveFailed(textOf(problem)));
  };
  const showOutgoing = () => outgoingView.show(outgoing, ownName, log.lastSpeaker === ownName);

  const stay = stayOf({
    loading: (isOffline) => {
      const text = isOffline ? strings.loadingOffline : strings.loading;
      root.replaceChildren(el('p', { class: 'loading', role: 'status' }, text));
    },
    noRoom: () => {
      const link = el('a', { href: '/' }, strings.toFirstRoom);
      root.replaceChildren(el('main', { class: 'loading' }, el('p', {}, strings.noSuchRoom(room)), link));
    },
    join: (name, notice) => {
      joinView.show(name, notice);
      root.replaceChildren(joinView.element);
      joinView.focus();
      onOutside(joinView);
    },
    room: (name) => {
      ownName = name;
      roomView.reset();
      if (root.firstElementChild === roomView.element) return;
      log.clear();
      root.replaceChildren(roomView.element);
      composer.setText(keepsakes.draft);
      composer.focus();
    },
    stopped: (text, label, onGoOn) => roomView.showStopped(text, label, onGoOn),
    state: (state) => roomView.showState(state),
    notice: (text) => roomView.showNotice(text),
    roster: (all) => {
      names = all;
      roster.show(names, ownName);
    },
    begin: (events) => {
      log.clear();
      log.begin(events, ownName);
      showOutgoing();
    },
    append: (events) => {
      log.append(events);
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
      composer.setText(text);
      composer.focus();
      return true;
    },
  });
  return stay;
}
