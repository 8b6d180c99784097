/** Why a command ends: each is one line for whoever called it. */

/** What was asked for cannot be done; exit code 1. */
export class Failure extends Error {
  override readonly name = 'Failure';
}

/** What was asked for cannot be understood; exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
