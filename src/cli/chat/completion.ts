/** What Tab makes of a name that was begun: the names it may become, one after the other. */

interface Typed {
  readonly text: string;
  readonly caret: number;
}

/** A name may have spaces in it, so it may have begun at any of the words before the caret. */
const maxBegunLength = 128;
const midWord = /^[\p{L}\p{N}\p{M}]/u;
const accents = /[\u0300-\u036f]/g;
/** Of more speakers than this, those who spoke longest ago are forgotten. */
const maxSpeakers = 500;

/** Who spoke, the last one last. */
export class Speakers {
  readonly #spoke = new Set<string>();

  said(name: string): void {
    this.#spoke.delete(name);
    this.#spoke.add(name);
    const [oldest] = this.#spoke;
    if (oldest !== undefined && this.#spoke.size > maxSpeakers) this.#spoke.delete(oldest);
  }

  /** Who is likeliest meant: those here who spoke last, the others here, those who have left; oneself never. */
  order(roster: readonly string[], ownName: string): string[] {
    const here = new Set(roster);
    const spoke = [...this.#spoke].reverse();
    const silent = roster.filter((name) => !this.#spoke.has(name)).sort((a, b) => a.localeCompare(b));
    return [
      ...spoke.filter((name) => here.has(name)),
      ...silent,
      ...spoke.filter((name) => !here.has(name)),
    ].filter((name) => name !== ownName);
  }
}

export class Completion {
  readonly #text: string;
  readonly #caret: number;
  readonly #start: number;
  readonly #words: readonly string[];
  #index = -1;

  private constructor({ text, caret }: Typed, start: number, words: readonly string[]) {
    this.#text = text;
    this.#caret = caret;
    this.#start = start;
    this.#words = words;
  }

  /**
   * @param names who may be meant, the likeliest first
   * @param commands what a line may begin with
   * @returns undefined if there is nothing to complete
   */
  static begin(
    typed: Typed,
    names: readonly string[],
    commands: readonly string[] = [],
  ): Completion | undefined {
    const { text, caret } = typed;
    const before = text.slice(0, caret);
    if (midWord.test(text.slice(caret)) || /(^|\s)$/.test(before)) return undefined;
    const command = before.startsWith('/') ? commands.filter((one) => one.startsWith(before)) : [];
    if (command.length > 0) return new Completion(typed, 0, command);
    for (const start of startsIn(before)) {
      const begun = fold(before.slice(start));
      const found = names.filter((name) => fold(name).startsWith(begun));
      if (found.length > 0) return new Completion(typed, start, found);
    }
    return undefined;
  }

  /** The next one, or the one before; after the last comes the first. */
  turn(step: 1 | -1): Typed {
    const { length } = this.#words;
    this.#index = this.#index < 0 && step < 0 ? length - 1 : (this.#index + step + length) % length;
    const opening = this.#text.slice(0, this.#start);
    const word = this.#words[this.#index] ?? '';
    const rest = this.#text.slice(this.#caret);
    // Whom a line begins with is spoken to.
    const isAddress = (opening === '' || opening === '@') && !word.startsWith('/');
    const done = `${opening}${word}${isAddress && !rest.startsWith(':') ? ':' : ''}`;
    const space = /^[\s\p{P}]/u.test(rest) ? '' : ' ';
    return { text: done + space + rest, caret: done.length + space.length };
  }
}

/** Where a name may begin, the farthest first: the longest that fits a name is what was meant. */
function* startsIn(before: string): Generator<number> {
  for (let start = Math.max(0, before.length - maxBegunLength); start < before.length; start++) {
    if (start === 0 || /[\s(["'@]/.test(before[start - 1] ?? '')) yield start;
  }
}

/** Whoever types "zoe" means Zoë too. */
function fold(text: string): string {
  return text.normalize('NFKD').replace(accents, '').toLowerCase();
}
