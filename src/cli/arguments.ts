/** What a command was called with, checked against the table of commands. */
export interface Arguments {
  /** What `Command.operand` names; empty if the command takes none. */
  readonly operand: string;
  /** By their names; a switch that is on is `on`. */
  readonly options: Readonly<Record<string, string>>;
}
