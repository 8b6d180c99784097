/** What a server answers when it does not do what was asked. */

export interface Problem {
  /** HTTP status; 0 if there was no answer, or none of a Parlor. */
  readonly status: number;
  /** As in the server's table of errors; or `unreachable`, `unknown`, `outbox-full`, `maybe-sent`, `ended`. */
  readonly code: string;
  /** A sentence for the user. */
  readonly detail: string;
  /** With `session-gone`, while the server remembers. */
  readonly reason?: string | undefined;
  readonly action?: string | undefined;
  /** What whoever ended the session said about it. */
  readonly endingDetail?: string | undefined;
  /** With `rate-limited`: which limit; `AUTH` is that of failed logins under one name. */
  readonly limit?: string | undefined;
  /** When trying again may help. */
  readonly retryAfterMs?: number | undefined;
}

export type Result<T> =
  | { readonly ok: true; readonly body: T }
  | { readonly ok: false; readonly problem: Problem };

/** A problem that no server told. */
export function ownProblem(code: string, detail: string, reason?: string): Problem {
  return { status: 0, code, detail, reason };
}

/** Thrown by what a caller asks for; its message is the detail. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.name = 'ProblemError';
    this.problem = problem;
  }
}
