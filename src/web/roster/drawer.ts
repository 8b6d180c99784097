/** Where there is no room beside the log, the roster is a drawer: modal, closed by Escape, outside or a wider window. */

/** As in roster.css. */
const narrow = matchMedia('(max-width: 52rem)');

export class Drawer {
  readonly #element: HTMLElement;
  readonly #toggle: HTMLButtonElement;
  readonly #onClose: () => void;

  constructor(element: HTMLElement, toggle: HTMLButtonElement, onClose: () => void) {
    this.#element = element;
    this.#toggle = toggle;
    this.#onClose = onClose;
    toggle.addEventListener('click', () => (this.isOpen ? this.close() : this.#open()));
    document.addEventListener('click', ({ target }) => {
      if (target instanceof Node && !element.contains(target) && target !== toggle) this.close();
    });
    element.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && !event.defaultPrevented && !event.isComposing) this.close();
    });
    narrow.addEventListener('change', () => this.close());
  }

  get isOpen(): boolean {
    return this.#element.classList.contains('open');
  }

  close(): void {
    if (!this.isOpen) return;
    const hadFocus = this.#element.contains(document.activeElement);
    this.#set(false);
    this.#onClose();
    if (hadFocus) this.#toggle.focus();
  }

  #open(): void {
    this.#set(true);
    this.#element.querySelector('button')?.focus();
  }

  #set(isOpen: boolean): void {
    this.#element.classList.toggle('open', isOpen);
    this.#toggle.setAttribute('aria-expanded', String(isOpen));
    this.#element.setAttribute('role', isOpen ? 'dialog' : 'complementary');
    this.#element.ariaModal = isOpen ? 'true' : null;
    for (const other of this.#element.parentElement?.children ?? []) {
      if (other instanceof HTMLElement && other !== this.#element) other.inert = isOpen;
    }
  }
}
