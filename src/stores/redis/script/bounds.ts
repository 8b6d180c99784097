/** How much the script remembers. */
export interface Bounds {
  /** Answers to keys. */
  readonly keysPerSession: number;
  /** Endings of a room, and for how long. */
  readonly endings: number;
  readonly endingsMs: number;
  /** For how long an instance that says nothing more has its last batch remembered. */
  readonly batchesMs: number;
}
