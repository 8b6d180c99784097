/** The bell in the bar, and behind it the choice of what one is notified of. */

import { el } from '../dom.ts';
import { strings } from '../text/strings.ts';
import type { Permission } from './notices.ts';
import type { Wish } from './notifier.ts';

interface NotifyActions {
  readonly permission: Permission;
  wish: Wish;
  /** Asks the user for the browser's permission. */
  ask(): Promise<void>;
}

const wishes: readonly Wish[] = ['off', 'mentions', 'all'];

export class NotifyView {
  readonly element: HTMLElement;
  readonly #actions: NotifyActions;
  readonly #bell = el('button', {
    class: 'quiet bell',
    type: 'button',
    'aria-expanded': 'false',
    'aria-controls': 'notify',
  });
  readonly #panel: HTMLElement;
  readonly #choices = new Map<Wish, HTMLButtonElement>();
  /** Why there are none, if there are none. */
  readonly #trouble = el('p', { class: 'remark', role: 'status' });
  #isOpen = false;

  constructor(actions: NotifyActions) {
    this.#actions = actions;
    for (const wish of wishes) {
      const choice = el('button', { type: 'button' }, strings.notify[wish]);
      choice.addEventListener('click', () => void this.#choose(wish));
      this.#choices.set(wish, choice);
    }
    this.#panel = el(
      'div',
      { id: 'notify', class: 'notify', role: 'group', 'aria-label': strings.notify.title, hidden: '' },
      el('p', { 'aria-hidden': 'true' }, strings.notify.title),
      ...this.#choices.values(),
      this.#trouble,
    );
    this.element = el('div', { class: 'bell-place' }, this.#bell, this.#panel);
    this.#bell.addEventListener('click', () => this.#open(!this.#isOpen));
    this.element.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || !this.#isOpen) return;
      this.#open(false);
      this.#bell.focus();
    });
    const elsewhere = (target: EventTarget | null) => {
      if (this.#isOpen && target instanceof Node && !this.element.contains(target)) this.#open(false);
    };
    document.addEventListener('click', ({ target }) => elsewhere(target));
    this.element.addEventListener('focusout', ({ relatedTarget }) => elsewhere(relatedTarget));
    this.show();
  }

  /** Shows how it stands; it may be changed in another tab, or in the browser's settings. */
  show(): void {
    const { permission, wish } = this.#actions;
    const now = permission === 'granted' ? wish : 'off';
    this.#bell.dataset.wish = now;
    this.#bell.title = `${strings.notify.title}: ${strings.notify[now]}`;
    this.#bell.setAttribute('aria-label', this.#bell.title);
    for (const [each, choice] of this.#choices) choice.setAttribute('aria-pressed', String(each === now));
    this.#trouble.textContent =
      permission === 'granted' || permission === 'default' ? '' : strings.notify.troubles[permission];
  }

  async #choose(wish: Wish): Promise<void> {
    this.#actions.wish = wish;
    if (wish !== 'off') await this.#actions.ask();
    this.show();
    if (wish === 'off' || this.#actions.permission === 'granted') {
      this.#open(false);
      this.#bell.focus();
    }
  }

  #open(isOpen: boolean): void {
    if (isOpen) this.show();
    this.#isOpen = isOpen;
    this.#panel.hidden = !isOpen;
    this.#bell.setAttribute('aria-expanded', String(isOpen));
  }
}
