/** What a command was called with, checked against the table of commands. */
export interface Arguments {
  /** What `Command.operand` names; empty if the command takes none. */
  readonly operand: string;
  readonly options: Readonly<Record<string, string>>;
}
