/** Tab in the field: completes the name that was begun, and leaves the field wherever there is none. */

import { strings } from '../text/strings.ts';
import { Completion, type Written } from './completion.ts';
import { readField, writeField } from './field.ts';

export class Completer {
  readonly #field: HTMLTextAreaElement;
  readonly #names: () => readonly string[];
  readonly #announce: (text: string) => void;
  #completion: Completion | undefined;
  /** Where a completion was taken back: there Tab leaves the field. */
  #declined: Written | undefined;

  /**
   * @param names those that may be meant, the likeliest first
   * @param announce tells somebody who does not see it
   */
  constructor(field: HTMLTextAreaElement, names: () => readonly string[], announce: (text: string) => void) {
    this.#field = field;
    this.#names = names;
    this.#announce = announce;
  }

  /** Whether the key was for it. */
  take({ key, shiftKey }: KeyboardEvent): boolean {
    if (key !== 'Tab' && key !== 'Escape') return false;
    const written = readField(this.#field);
    // Whatever was typed or clicked meanwhile, the completion stands no more.
    const current = isSame(written, this.#completion?.shown) ? this.#completion : undefined;
    this.#completion = undefined;
    if (key === 'Escape') return current !== undefined && this.#takeBack(current);
    if (current !== undefined) return current.count > 1 && this.#turn(current, shiftKey ? -1 : 1);
    if (shiftKey || written === undefined || isSame(written, this.#declined)) return false;
    const begun = Completion.begin(written, this.#names());
    return begun !== undefined && this.#turn(begun, 1);
  }

  #turn(completion: Completion, step: 1 | -1): boolean {
    writeField(this.#field, completion.turn(step));
    this.#completion = completion;
    this.#announce(strings.completed(completion.name, completion.position, completion.count));
    return true;
  }

  #takeBack({ before }: Completion): boolean {
    writeField(this.#field, before);
    this.#declined = before;
    this.#announce(strings.completionTakenBack);
    return true;
  }
}

function isSame(a: Written | undefined, b: Written | undefined): boolean {
  return a !== undefined && a.text === b?.text && a.caret === b.caret;
}
