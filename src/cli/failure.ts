/** Why a command ends: each is one line for whoever called it. */

/** What was asked for cannot be done. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly exitCode: number;

  /** @param exitCode 1, unless the command has more to tell by it */
  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** What was asked for cannot be understood; exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
