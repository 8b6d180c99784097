/** How one entry of the log looks. */

import type { ChatRoomEvent } from '../../client/wire.ts';
import { el } from '../dom.ts';
import { avatarOf, nameOf, tint } from '../person.ts';
import { strings } from '../text/strings.ts';
import { dayOf, timeOf } from './times.ts';

/** @param isContinued the entry before is by the same person: the name is told to screen readers only */
export function entryOf(event: ChatRoomEvent, ownName: string, isContinued: boolean): HTMLElement {
  switch (event.type) {
    case 'message': {
      const element = messageEntry(event.name, event.message, isContinued, event.name === ownName);
      element.querySelector('.head')?.append(timeOf(event.timestamp));
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
  }
}

export function messageEntry(name: string, text: string, isContinued: boolean, isOwn: boolean): HTMLElement {
  const head = el(
    'p',
    { class: 'head' },
    nameOf(name),
    el('span', { class: 'unseen' }, strings.says),
    ...(isOwn ? [el('span', { class: 'you' }, strings.you)] : []),
  );
  const element = el(
    'div',
    { class: `entry message${isContinued ? ' continued' : ''}${isOwn ? ' own' : ''}` },
    avatarOf(name),
    head,
    el('p', { class: 'text', dir: 'auto' }, text),
  );
  tint(element, name);
  return element;
}

export function dayEntry(timestamp: number): HTMLElement {
  return el('p', { class: 'entry day' }, el('span', {}, dayOf(timestamp)));
}

/** Something the page itself has to say in the log. */
export function noteEntry(kind: 'gap' | 'note', text: string): HTMLElement {
  return el('p', { class: `entry ${kind}` }, text);
}
