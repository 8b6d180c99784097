/** What one has said, to be had again: the last one first. */

/** Of more texts than this, the oldest are forgotten. */
const maxTexts = 50;

export class Recall {
  /** Each text once, where it was said last, with its id there as far as that is known. */
  readonly #said = new Map<string, number | undefined>();
  /** What is leafed through, as it was when that began; undefined: nothing. */
  #pages: readonly string[] | undefined;
  #index = 0;

  said(text: string, id?: number): void {
    this.#said.delete(text);
    this.#said.set(text, id);
    const [oldest] = this.#said.keys();
    if (oldest !== undefined && this.#said.size > maxTexts) this.#said.delete(oldest);
  }

  forget(): void {
    this.#said.clear();
    this.#pages = undefined;
  }

  /** What was said there is redacted. */
  unsay(target: number): void {
    for (const [text, id] of this.#said) {
      if (id !== target) continue;
      this.#said.delete(text);
      this.#pages = undefined;
    }
  }

  /**
   * The text before this one; undefined if there is none, or if this one is somebody's own writing.
   *
   * @param shown what stands in the field
   */
  back(shown: string): string | undefined {
    if (!this.#isOpen(shown)) {
      if (shown !== '') return undefined;
      this.#pages = [...this.#said.keys()].reverse();
      this.#index = -1;
    }
    const text = this.#pages?.[this.#index + 1];
    if (text !== undefined) this.#index += 1;
    return text;
  }

  /** The text after this one, and after the last the empty field; undefined if nothing is leafed through. */
  forth(shown: string): string | undefined {
    if (!this.#isOpen(shown)) return undefined;
    this.#index -= 1;
    return this.#pages?.[this.#index] ?? '';
  }

  /** What was changed is a text of its own. */
  #isOpen(shown: string): boolean {
    return this.#pages !== undefined && this.#index >= 0 && this.#pages[this.#index] === shown;
  }
}
