/** What Tab makes of a name that was begun. No DOM in here: text and caret go in and come out. */

import { fold } from '../names.ts';

/** A text, and where the caret stands in it. */
export interface Written {
  readonly text: string;
  readonly caret: number;
}

/** Names have spaces in them: a name may begin so many characters before the caret, but not in another line. */
const maxBegunLength = 128;

/** A name begins where a word does; a bracket or quote that opens may stand before it. */
const beforeName = /^[\s\p{Ps}\p{Pi}"'¿¡]?$/u;
/** So does one after an `@`, unless that is of an address of mail. */
const afterAt = /(?<![\p{L}\p{M}\p{N}._-])@$/u;
/** Something that was begun ends where the caret is: not in the midst of a word, or of what is seen as one character. */
const midWord = /^[\p{L}\p{M}\p{N}\u200d]/u;

/** A name that was begun, and those it may become. */
export class Completion {
  readonly #before: Written;
  readonly #start: number;
  readonly #names: readonly string[];
  #index: number | undefined;
  #shown: Written;

  private constructor(before: Written, start: number, names: readonly string[]) {
    this.#before = before;
    this.#start = start;
    this.#names = names;
    this.#shown = before;
  }

  /**
   * @param names those that may be meant, the likeliest first
   * @returns undefined if there is nothing to complete
   */
  static begin(written: Written, names: readonly string[]): Completion | undefined {
    const { text, caret } = written;
    if (midWord.test(text.slice(caret)) || /\s$/u.test(text.slice(0, caret))) return undefined;
    const folded = names.map((name) => [name, fold(name)] as const);
    for (const start of startsIn(text.slice(0, caret))) {
      const begun = fold(text.slice(start, caret));
      const found = folded.filter(([, name]) => name.startsWith(begun)).map(([name]) => name);
      if (found.length > 0) return new Completion(written, start, found);
    }
    return undefined;
  }

  /** As it was before. */
  get before(): Written {
    return this.#before;
  }

  /** What it has become. */
  get shown(): Written {
    return this.#shown;
  }

  get name(): string {
    return this.#names[this.#index ?? 0] ?? '';
  }

  /** Counted from 1. */
  get position(): number {
    return (this.#index ?? 0) + 1;
  }

  get count(): number {
    return this.#names.length;
  }

  /** The next name, or the one before; after the last comes the first. */
  turn(step: 1 | -1): Written {
    const { length } = this.#names;
    this.#index = this.#index === undefined ? 0 : (this.#index + step + length) % length;
    this.#shown = put(this.#before, this.#start, this.name);
    return this.#shown;
  }
}

/** Puts a name where the caret is, apart from the word before. */
export function insertName({ text, caret }: Written, name: string): Written {
  const isApart = /(?:^|[\s\p{Ps}\p{Pi}@])$/u.test(text.slice(0, caret));
  const start = isApart ? caret : caret + 1;
  const spaced = isApart ? text : `${text.slice(0, caret)} ${text.slice(caret)}`;
  return put({ text: spaced, caret: start }, start, name);
}

/** Whom a text begins with is spoken to: a colon follows. What stands there already is not put twice. */
function put({ text, caret }: Written, start: number, name: string): Written {
  const opening = text.slice(0, start);
  const rest = text.slice(caret);
  const colon = (opening === '' || opening === '@') && !rest.startsWith(':') ? ':' : '';
  const space = /^[\s\p{P}]/u.test(rest) ? '' : ' ';
  const done = `${opening}${name}${colon}${space}`;
  const there = space === '' ? (/^:? /.exec(rest)?.[0].length ?? 0) : 0;
  return { text: done + rest, caret: done.length + there };
}

/** Where a name may begin, the farthest first: the longest that fits a name is what was meant. */
function* startsIn(before: string): Generator<number> {
  const line = before.lastIndexOf('\n') + 1;
  for (let start = Math.max(line, before.length - maxBegunLength); start < before.length; start++) {
    if (beforeName.test(before.slice(0, start).slice(-1)) || afterAt.test(before.slice(0, start)))
      yield start;
  }
  if (afterAt.test(before)) yield before.length;
}
