/** What leads from clients to a server, for a test to pull. */

import type { TestContext } from 'node:test';
import { has, hasLinux } from '../../support/needs.ts';
import { SilentProxy } from './silent-proxy.ts';
import { networkPrograms, TwoNetworks } from './two-networks.ts';

export interface Cable {
  /** What it is, for the report. */
  readonly kind: string;
  /** Where the server listens. */
  readonly serverAddress: string;
  /** The command that runs a command where the server is. */
  forServer(command: readonly string[]): readonly string[];
  forClients(command: readonly string[]): readonly string[];
  /** The address by which clients reach the server. */
  reaches(url: string): string;
  /** From now on nothing goes through, both ways, and nobody is told. */
  cut(): Promise<void>;
}

/** A real one, or where no network can be made a proxy that falls silent. Undefined if the test is skipped. */
export async function makeCable(t: TestContext): Promise<Cable | undefined> {
  if (!hasLinux(t) || !networkPrograms.every((program) => has(t, program))) return undefined;
  return (await TwoNetworks.make(t)) ?? SilentProxy.open(t);
}
