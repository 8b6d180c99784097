/** What a command was called with, checked against the table of commands. */
export interface Arguments {
  /** What `Command.operand` names, the first if it names several; empty if there is none. */
  readonly operand: string;
  /** The others that it names, of a command that takes several. */
  readonly others?: readonly string[];
  /** By their names; a switch that is on is `on`. */
  readonly options: Readonly<Record<string, string>>;
}
