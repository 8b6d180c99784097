/** How one entry of the log looks. */

import { speechActOf } from '../../client/speech-act.ts';
import { el } from '../dom.ts';
import { avatarOf, nameOf, tint } from '../person.ts';
import { strings } from '../text/strings.ts';
import { linked } from './linked.ts';
import { shorten } from './message-text.ts';
import type { Placed } from './place.ts';
import { dayOf, timeOf } from './times.ts';

/** What is to be known of an entry beside what stands in the log. */
export interface EntryLook {
  readonly ownName: string;
  /** The entry before is by the same person: the name is told to screen readers only. */
  readonly isContinued: boolean;
  /** It speaks to oneself. */
  readonly isMention: boolean;
}

/** Undefined: it has no entry of its own. */
export function entryOf({ cursor, event }: Placed, look: EntryLook): HTMLElement | undefined {
  switch (event.type) {
    case 'message':
    case 'announcement': {
      const element =
        event.type === 'message'
          ? messageEntry(event.name, event.message, look.isContinued, event.name === look.ownName)
          : announcementEntry(event.message);
      element.id = cursor;
      const at = el('a', { class: 'at', href: `#${cursor}`, tabindex: '-1' }, timeOf(event.timestamp));
      element.querySelector('.head')?.append(at);
      if (look.isMention) {
        element.classList.add('mention');
        element.querySelector('.head')?.append(el('span', { class: 'unseen call' }, strings.mentionsYou));
      }
      if (event.redacted) redactEntry(element);
      return element;
    }
    case 'join':
    case 'leave':
      return el(
        'p',
        { class: 'entry presence' },
        el('span', {}, nameOf(event.name), event.type === 'join' ? strings.joined : strings.left),
        ' ',
        timeOf(event.timestamp),
      );
    case 'redaction':
      return undefined;
  }
}

export function messageEntry(
  name: string,
  message: string,
  isContinued: boolean,
  isOwn: boolean,
): HTMLElement {
  const { isAction, text } = speechActOf(message);
  const by = isAction ? [] : [nameOf(name), el('span', { class: 'unseen' }, strings.says)];
  const you = isOwn ? [el('span', { class: 'you' }, strings.you)] : [];
  const body = textEntry(text);
  if (isAction) body.prepend(nameOf(name), ' ');
  const kinds = [isContinued && 'continued', isOwn && 'own', isAction && 'action'].filter(Boolean);
  const element = el(
    'div',
    { class: ['entry message', ...kinds].join(' ') },
    avatarOf(name),
    el('p', { class: 'head' }, ...by, ...you),
    body,
    ...shorten(body),
  );
  tint(element, name);
  return element;
}

function announcementEntry(message: string): HTMLElement {
  const body = textEntry(message);
  const label = el('span', { class: 'label' }, strings.announcement);
  const head = el('p', { class: 'head' }, label, el('span', { class: 'unseen' }, strings.says));
  return el('div', { class: 'entry announcement' }, head, body, ...shorten(body));
}

function textEntry(text: string): HTMLElement {
  return el('p', { class: 'text', dir: 'auto' }, ...linked(text));
}

/** Takes the text from an entry: it keeps its place, its name and its time. */
export function redactEntry(entry: HTMLElement): void {
  const head = entry.querySelector('.head');
  const text = entry.querySelector('.text');
  const hadFocus = entry.contains(document.activeElement);
  // Of an action the name stands in the text.
  const name = text?.querySelector('.name');
  if (name) head?.prepend(name, el('span', { class: 'unseen' }, strings.says));
  entry.classList.remove('action', 'mention');
  for (const part of entry.querySelectorAll('.call, .more')) part.remove();
  text?.replaceWith(el('p', { class: 'text removed' }, strings.removed));
  if (hadFocus && !entry.contains(document.activeElement)) {
    entry.querySelector<HTMLElement>('.at')?.focus({ preventScroll: true });
  }
}

export function dayEntry(timestamp: number): HTMLElement {
  const entry = el('p', { class: 'entry day' }, el('span', {}, dayOf(timestamp)));
  entry.dataset.timestamp = String(timestamp);
  return entry;
}

/** A day is over: what was called today is so no more. */
export function renameDays(log: HTMLElement): void {
  for (const entry of log.querySelectorAll<HTMLElement>('.day')) {
    const name = dayOf(Number(entry.dataset.timestamp));
    const label = entry.firstElementChild;
    if (label !== null && label.textContent !== name) label.textContent = name;
  }
}

/** Something the page itself has to say in the log. */
export function noteEntry(kind: 'gap' | 'note', text: string): HTMLElement {
  return el('p', { class: `entry ${kind}` }, text);
}
