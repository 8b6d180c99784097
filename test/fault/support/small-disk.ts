/** A disk of a few megabytes for a server to run full. */

export interface SmallDisk {
  /** Where the disk is, for a process that was started with `enter` and `env`. */
  readonly folder: string;
  /** What runs a command where the disk is. */
  readonly enter: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What it is, for the report. */
  readonly kind: string;
  /** Whether a server can start on it while it is full. */
  readonly letsStart: boolean;
  /** Takes all the room that is left but so many bytes. */
  fill(leaving?: number): void;
  /** Gives back what `fill` took. */
  free(): void;
  /** How large a file on it is. */
  bytesOf(name: string): number;
}
