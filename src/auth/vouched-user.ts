/** What may be vouched for, whoever does: it is kept with each session of the user [SES-8]. */

import { ChatError } from '../core/errors.ts';
import { validateName } from '../core/names.ts';

/** In characters. */
export const maxIdLength = 512;
/** As JSON. */
export const maxClaimsBytes = 4096;

export function areClaimsTooLong(claims: object): boolean {
  return Buffer.byteLength(JSON.stringify(claims)) > maxClaimsBytes;
}

/**
 * The name to show that something said of the user.
 * @param field where it stands, to be told to the client
 * @throws ChatError `invalid-name`
 */
export function vouchedName(name: string, maxLength: number, field: string): string {
  try {
    return validateName(name, { maxLength });
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    throw new ChatError('invalid-name', `The ${field} is no name. ${error.message}`);
  }
}
