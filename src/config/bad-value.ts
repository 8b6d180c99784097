/** How a type of option says no. */

/** A text that is no value of its type. */
export class BadValue extends Error {
  /** What a value must be: ends the sentence "expected …". */
  readonly expected: string;
  /** What came, quoted, if it is not simply the option's text: one item of a list, or text without a secret. */
  readonly came: string | undefined;

  constructor(expected: string, came?: string) {
    super(`expected ${expected}`);
    this.expected = expected;
    this.came = came;
  }
}
