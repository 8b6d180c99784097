/** What options are called where they are given as plain values: `SESSION_TIMEOUT` is `sessionTimeout`. */

import { listOptions } from './options.ts';

/** What is for the application to say that listens and logs itself. */
const ofTheServer: ReadonlySet<string> = new Set([
  'HOST',
  'PORT',
  'TRUST_PROXY',
  'TLS_CERT',
  'TLS_KEY',
  'TLS_CLIENT_CA',
  'LOG_LEVEL',
  'ACCEPTED_RISKS',
]);

/** The plain names of options, by their variables. */
export const plainNames: ReadonlyMap<string, string> = new Map(
  listOptions()
    .filter(({ variable }) => !ofTheServer.has(variable))
    .map(({ variable }) => [variable, plainNameOf(variable)]),
);

function plainNameOf(variable: string): string {
  return variable.toLowerCase().replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}
