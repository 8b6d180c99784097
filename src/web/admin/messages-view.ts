/** What was said last in a room, for whoever has to judge it: in a window over the page. */

import { ProblemError } from '../../client/problem.ts';
import type { AnyEvent, HistoryPage } from '../../client/wire.ts';
import { el } from '../dom.ts';
import { words } from '../text/admin.ts';
import { show } from './act-dialog.ts';
import type { Acts } from './acts.ts';
import type { AdminApi } from './admin-api.ts';
import type { Format } from './format.ts';
import { button, freshId } from './parts.ts';

/** An event with what some types have. */
interface Told extends AnyEvent {
  readonly name?: string;
  readonly message?: string;
  readonly redacted?: boolean;
}

export class MessagesView {
  readonly #api: AdminApi;
  readonly #acts: Acts;
  readonly #format: Format;
  readonly #room: string;
  readonly #list = el('ol', { class: 'messages' });
  readonly #said = el('p', { class: 'remark', role: 'status' });
  readonly #earlier: HTMLButtonElement;
  #cursor: string | undefined;

  constructor(room: string, api: AdminApi, acts: Acts, format: Format) {
    this.#room = room;
    this.#api = api;
    this.#acts = acts;
    this.#format = format;
    this.#earlier = button(words.earlier, () => void this.#read(), 'small');
  }

  open(): void {
    const titleId = freshId('messages');
    const dialog = el('dialog', { class: 'broad', 'aria-labelledby': titleId });
    const again = button(words.again, () => void this.#read(true));
    const close = button(words.close, () => dialog.close(), 'primary');
    const scrolled = el(
      'div',
      { class: 'scrolled', tabindex: '0', role: 'region', 'aria-labelledby': titleId },
      this.#earlier,
      this.#list,
    );
    show(
      dialog,
      el('h2', { id: titleId }, words.messagesTitle(this.#room)),
      scrolled,
      this.#said,
      el('div', { class: 'row end' }, again, close),
    );
    void this.#read(true);
  }

  /** @param fresh the newest, instead of what comes before what is there */
  async #read(fresh = false): Promise<void> {
    this.#said.textContent = words.loading;
    try {
      const page = await this.#api.history(this.#room, fresh ? undefined : this.#cursor);
      this.#said.textContent = '';
      this.#add(page, fresh);
    } catch (thrown) {
      if (!(thrown instanceof ProblemError)) throw thrown;
      this.#said.textContent = thrown.problem.detail;
    }
  }

  #add({ events, cursor, more }: HistoryPage, fresh: boolean): void {
    this.#cursor = cursor;
    this.#earlier.hidden = !more;
    const items = events.flatMap((event) => this.#itemOf(event));
    if (fresh) {
      this.#list.replaceChildren(...items);
      this.#list.lastElementChild?.scrollIntoView({ block: 'end' });
    } else {
      const first = this.#list.firstElementChild;
      this.#list.prepend(...items);
      first?.scrollIntoView({ block: 'start' });
    }
    if (this.#list.childElementCount === 0) this.#said.textContent = words.noMessages;
  }

  #itemOf(event: Told): readonly HTMLElement[] {
    const { id, type, timestamp, name = '', message = '' } = event;
    const at = this.#format.moment(timestamp, Date.now());
    const time = el(
      'time',
      { datetime: new Date(timestamp).toISOString(), title: this.#format.fullMoment(timestamp) },
      at,
    );
    switch (type) {
      case 'join':
      case 'leave': {
        const did = type === 'join' ? words.joined : words.left;
        return [el('li', { class: 'presence' }, time, el('span', {}, el('bdi', {}, name), ` ${did}`))];
      }
      case 'message':
      case 'announcement': {
        const speaker = type === 'announcement' ? words.speaksForServer : name;
        const text = el('p', { class: 'said', dir: 'auto' }, message);
        const item = el('li', {}, time, el('b', {}, el('bdi', {}, speaker)), text);
        const gone = () => {
          text.className = 'said gone';
          text.textContent = words.wasRedacted;
          redact.remove();
        };
        const redacted = () => {
          gone();
          // What is said outside of this window is not heard in it.
          this.#said.textContent = words.redacted;
        };
        const redact = button(
          words.redact,
          () => this.#acts.redact(this.#room, id, speaker, redacted),
          'small dire',
          words.redactLabel(speaker, at),
        );
        item.append(redact);
        if (event.redacted === true) gone();
        return [item];
      }
      // A redaction is seen by what it has taken away.
      default:
        return [];
    }
  }
}
