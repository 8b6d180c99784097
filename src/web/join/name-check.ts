/**
 * Says in the page's words why the server refused a name, where that can be told from the name. The rules are the server's
 * and it has the last word: it is asked first. Loaded only then, so it imports nothing that the page has, and has words of its
 * own.
 */

const en = {
  nameCharacter: (character: string) =>
    `A name cannot have ${character} in it. Letters, digits, spaces and - _ . ' are fine.`,
  nameUnseen: (code: string) => `This name has a character that cannot be seen (${code}). Type it anew.`,
  nameLetter: 'A name has at least one letter or digit.',
  nameTooLong: (n: number, most: number) => `A name has ${most} characters at the most; this one has ${n}.`,
};

const words: Readonly<Record<string, typeof en>> = {
  en,
  de: {
    nameCharacter: (character) =>
      `In einem Namen geht ${character} nicht. Buchstaben, Ziffern, Leerzeichen und - _ . ' gehen.`,
    nameUnseen: (code) => `Dieser Name hat ein Zeichen, das man nicht sieht (${code}). Tippe ihn neu.`,
    nameLetter: 'Ein Name hat mindestens einen Buchstaben oder eine Ziffer.',
    nameTooLong: (n, most) => `Ein Name hat höchstens ${most} Zeichen; dieser hat ${n}.`,
  },
};

const foreign = /[^\p{L}\p{Nl}\p{Nd}\p{M} \-_.']|\p{DI}/u;
const letterOrDigit = /[\p{L}\p{Nl}\p{Nd}]/u;
// A number tells more than a character that shows nothing, or whose sense is to turn others around.
const visible = /[\p{P}\p{S}\p{No}]/u;

/**
 * @param language one of the page's
 * @param maxLength how many code points a name may have, if that is known
 * @returns undefined if it must be something else
 */
export function nameRefusal(
  name: string,
  language: string,
  maxLength = Number.POSITIVE_INFINITY,
): string | undefined {
  const strings = words[language] ?? en;
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
