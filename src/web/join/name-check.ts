/**
 * Says in the page's words why the server refused a name, where that can be told from the name. The rules are the server's
 * and it has the last word: it is asked first.
 */

import { strings } from '../text/strings.ts';

const foreign = /[^\p{L}\p{Nl}\p{Nd}\p{M} \-_.']|\p{DI}/u;
const letterOrDigit = /[\p{L}\p{Nl}\p{Nd}]/u;
// A number tells more than a character that shows nothing, or whose sense is to turn others around.
const visible = /[\p{P}\p{S}\p{No}]/u;

/**
 * @param maxLength how many code points a name may have, if that is known
 * @returns undefined if it must be something else
 */
export function nameRefusal(name: string, maxLength = Number.POSITIVE_INFINITY): string | undefined {
  const shown = name.normalize('NFC').replace(/\p{Zs}+/gu, ' ');
  const length = [...shown].length;
  if (length > maxLength) return strings.nameTooLong(length, maxLength);
  const stranger = foreign.exec(shown)?.[0];
  if (stranger !== undefined) {
    return visible.test(stranger) ? strings.nameCharacter(stranger) : strings.nameUnseen(codeOf(stranger));
  }
  return letterOrDigit.test(shown) ? undefined : strings.nameLetter;
}

function codeOf(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `U+${code}`;
}
