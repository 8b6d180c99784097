/** Where messages are written. Enter sends, also on a phone, whose key says so; Shift+Enter breaks the line. */

import { type AnyEvent, knownOf } from '../../client/wire.ts';
import { el } from '../dom.ts';
import { strings } from '../text/strings.ts';
import { typedFor, type Wish, wishOf } from './commands.ts';
import { Completer } from './completer.ts';
import { insertName } from './completion.ts';
import { readField, writeField } from './field.ts';
import { HelpView } from './help-view.ts';
import { isEmpty, refusedIn, roomFor } from './message-check.ts';
import { MessageField } from './message-field.ts';
import { Recall } from './recall.ts';
import { Speakers } from './speakers.ts';

interface ComposerActions {
  /** Takes a text to send; answers with what is wrong, if it does not. */
  send(text: string): string | undefined;
  leave(): void;
  /** Hears of every change. */
  draft(text: string): void;
}

export class ComposerView {
  readonly element: HTMLFormElement;
  readonly help = new HelpView();
  /** Who is here, for Tab. */
  roster: readonly string[] = [];
  readonly #field: MessageField;
  readonly #error = el('p', { class: 'error', id: 'composer-error', role: 'alert' });
  /** For those who do not see what changes. */
  readonly #status = el('p', { class: 'unseen', role: 'status' });
  readonly #completer: Completer;
  readonly #recall = new Recall();
  readonly #speakers = new Speakers();
  readonly #actions: ComposerActions;
  #ownName = '';

  constructor(actions: ComposerActions) {
    this.#actions = actions;
    const announce = (text: string) => {
      this.#status.textContent = text;
    };
    this.#field = new MessageField(announce, (text) => actions.draft(text));
    const input = this.#field.input;
    input.setAttribute('aria-describedby', `${this.#error.id} ${this.#field.length.id}`);
    const names = () => this.#speakers.order(this.roster, this.#ownName);
    this.#completer = new Completer(input, names, announce);
    this.element = el(
      'form',
      { class: 'composer', novalidate: '' },
      el(
        'div',
        { class: 'column' },
        this.#error,
        this.#field.length,
        this.#status,
        el(
          'div',
          { class: 'field' },
          el('label', { class: 'unseen', for: 'message' }, strings.compose),
          input,
          el('button', { class: 'primary', type: 'submit' }, strings.send),
        ),
      ),
    );
    this.element.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#submit();
    });
    input.addEventListener('keydown', (event) => {
      // While an input method composes, all keys are its own; Safari tells the last one by key code 229 alone.
      if (event.isComposing || event.keyCode === 229) return;
      if (this.#take(event)) event.preventDefault();
    });
    input.addEventListener('input', (event) => {
      const isComposing = event instanceof InputEvent && event.isComposing;
      this.#tell(this.#field.typed(isComposing) ? strings.controlsLeftOut : '', false);
    });
  }

  get isEmpty(): boolean {
    return isEmpty(this.#field.text);
  }

  /** As whom one writes now. */
  enter(ownName: string): void {
    // On a shared machine, what somebody else said is not recalled.
    if (ownName !== this.#ownName) this.#recall.forget();
    this.#ownName = ownName;
  }

  /** @param maxBytes how long a message may be */
  limit(maxBytes: number): void {
    this.#field.limit(maxBytes);
  }

  /** Learns from the log who speaks, and what one has said oneself. */
  saw(events: readonly AnyEvent[]): void {
    for (const event of knownOf(events)) {
      if (event.type === 'redaction') this.#recall.unsay(event.target);
      if (event.type !== 'message') continue;
      this.#speakers.said(event.name);
      if (event.name !== this.#ownName || event.redacted) continue;
      this.#recall.said(typedFor(event.message), event.id);
    }
  }

  setText(text: string): void {
    this.#field.text = text;
  }

  /** A text that was sent and refused. */
  giveBack(text: string): void {
    this.setText(typedFor(text));
    this.focus();
  }

  /** Puts a name where the caret is, unless nothing can be written: the stay is over. */
  insert(name: string): void {
    if (this.element.hidden) return;
    const { input } = this.#field;
    const written = readField(input) ?? { text: input.value, caret: input.selectionEnd };
    writeField(input, insertName(written, name));
  }

  /** @param text what is wrong with what stands in the field; empty: nothing */
  showError(text: string): void {
    this.#tell(text, text !== '');
  }

  focus(): void {
    if (!matchMedia('(pointer: coarse)').matches) this.#field.input.focus();
  }

  #tell(text: string, isInvalid: boolean): void {
    if (this.#error.textContent !== text) this.#error.textContent = text;
    if (isInvalid) this.#field.input.setAttribute('aria-invalid', 'true');
    else this.#field.input.removeAttribute('aria-invalid');
  }

  /** Whether a key is for the composer, and not for the browser. */
  #take(event: KeyboardEvent): boolean {
    if (event.key === 'Enter' && !event.shiftKey) {
      this.#submit();
      return true;
    }
    if (event.ctrlKey || event.altKey || event.metaKey) return false;
    if (this.#completer.take(event)) return true;
    return !event.shiftKey && this.#leaf(event.key);
  }

  #leaf(key: string): boolean {
    const written = readField(this.#field.input);
    if (written === undefined) return false;
    const { text, caret } = written;
    let found: string | undefined;
    if (key === 'ArrowUp' && !text.slice(0, caret).includes('\n')) found = this.#recall.back(text);
    if (key === 'ArrowDown' && !text.slice(caret).includes('\n')) found = this.#recall.forth(text);
    if (found === undefined) return false;
    writeField(this.#field.input, { text: found, caret: found.length });
    return true;
  }

  #submit(): void {
    if (this.isEmpty) return;
    const problem = this.#carryOut(wishOf(this.#field.text));
    this.showError(problem ?? '');
    if (problem === undefined) this.setText('');
    // A dialog that opened has the focus, and gives it back.
    if (!this.help.dialog.open) this.#field.input.focus();
  }

  /** The answer is what is wrong. */
  #carryOut(wish: Wish): string | undefined {
    switch (wish.type) {
      case 'say':
        return this.#say(wish.text);
      case 'leave':
        this.#actions.leave();
        return undefined;
      case 'help':
        void this.help.open();
        return undefined;
      case 'unknown':
        return strings.commandUnknown(wish.command);
      case 'surplus':
        return strings.commandAlone(wish.command);
      case 'nothing-done':
        return strings.nothingDone;
    }
  }

  #say(text: string): string | undefined {
    const room = roomFor(text, this.#field.maxBytes);
    if (room !== undefined && room.characters < 0) return strings.notSentTooLong(-room.characters);
    const refused = refusedIn(text);
    if (refused !== undefined) {
      const { input } = this.#field;
      const index = input.value.indexOf(text.slice(refused.index));
      input.setSelectionRange(index, index + 1);
      return strings.characterRefused(refused.code);
    }
    const problem = this.#actions.send(text);
    if (problem === undefined) this.#recall.said(typedFor(text));
    return problem;
  }
}
