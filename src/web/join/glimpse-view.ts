/** Beside the form: who is in the room and what was said last. */

import { speechActOf } from '../../client/speech-act.ts';
import { el } from '../dom.ts';
import { avatarOf, nameOf, tint } from '../person.ts';
import { strings } from '../text/strings.ts';
import type { Glimpse, Said } from './glimpse.ts';

/** More names than these are only counted. */
const maxNames = 12;

export class GlimpseView {
  readonly element: HTMLElement;
  readonly #here = el('p', { class: 'here' });
  readonly #names = el('ul', { class: 'names', role: 'list' });
  readonly #said = el('ol', { class: 'said', role: 'list' });
  readonly #saidPart = el('section', { 'aria-labelledby': 'said-head', hidden: '' });
  #glimpse: Glimpse | undefined;
  #isDrawPending = false;

  constructor() {
    this.#saidPart.append(el('h2', { id: 'said-head' }, strings.saidLast), this.#said);
    this.element = el(
      'div',
      { class: 'glimpse', hidden: '' },
      el(
        'section',
        { 'aria-labelledby': 'here-head' },
        el('h2', { id: 'here-head' }, strings.roster),
        this.#here,
        this.#names,
      ),
      this.#saidPart,
    );
  }

  /** @param glimpse undefined: there is nothing one may see */
  show(glimpse: Glimpse | undefined): void {
    this.#glimpse = glimpse;
    if (this.#isDrawPending) return;
    this.#isDrawPending = true;
    // What comes together is drawn together.
    requestAnimationFrame(() => {
      this.#isDrawPending = false;
      this.#draw();
    });
  }

  #draw(): void {
    const glimpse = this.#glimpse;
    this.element.hidden = glimpse === undefined;
    if (glimpse === undefined) return;
    const { names, said } = glimpse;
    this.#here.textContent = strings.joinHere(names.length);
    this.#names.hidden = names.length === 0;
    this.#names.replaceChildren(...names.slice(0, maxNames).map(nameItem));
    const more = names.length - maxNames;
    if (more > 0) this.#names.append(el('li', { class: 'more' }, strings.andMore(more)));
    this.#saidPart.hidden = said.length === 0;
    this.#said.replaceChildren(
      ...said.map((each, at) => saidItem(each, isSpeaking(said[at - 1], each.name))),
    );
  }
}

/** Whether the name of who said this stands above what he says next; of an action it stands within. */
function isSpeaking(said: Said | undefined, name: string | undefined): boolean {
  return name !== undefined && said?.name === name && !speechActOf(said.text ?? '').isAction;
}

function nameItem(name: string): HTMLElement {
  const item = el('li', {}, avatarOf(name), nameOf(name));
  tint(item, name);
  return item;
}

/** @param isSameSpeaker whose name stands above already, for the eye */
function saidItem({ name, text }: Said, isSameSpeaker: boolean): HTMLElement {
  const act = speechActOf(text ?? '');
  const isAction = act.isAction && name !== undefined;
  const body =
    text === undefined
      ? el('p', { class: 'removed' }, strings.removed)
      : el('p', { dir: 'auto' }, isAction ? act.text : text);
  const item = el('li', {});
  const className = isSameSpeaker ? 'unseen' : 'name';
  if (isAction) {
    item.className = 'action';
    body.prepend(nameOf(name), ' ');
  } else {
    item.append(
      name === undefined ? el('span', { class: 'label' }, strings.announcement) : nameOf(name, className),
      el('span', { class: 'unseen' }, strings.says),
    );
  }
  item.append(body);
  if (name === undefined) item.className = 'announcement';
  else tint(item, name);
  return item;
}
