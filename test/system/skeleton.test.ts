import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import { ChatError } from '../../src/core/errors.ts';
import { nameKey, validateName } from '../../src/core/names.ts';
import { skeleton } from '../../src/system/skeleton.ts';

const confusables: Record<string, string> = createRequire(import.meta.url)('unhomoglyph/data.json');
const lettersAndDigits = [...'abcdefghijklmnopqrstuvwxyz0123456789'];

function isName(text: string): boolean {
  try {
    validateName(text, { maxLength: 32 });
    return true;
  } catch (error) {
    assert.ok(error instanceof ChatError);
    return false;
  }
}

/** The ASCII letters and digits, in lower case, that have the prototype in either case. */
function likenessesOf(prototype: string): string[] {
  return lettersAndDigits.filter((char) =>
    [char, char.toUpperCase()].some((cased) => (confusables[cased] ?? cased) === prototype),
  );
}

describe('skeleton', () => {
  it('leaves ASCII letters and digits alone', () => {
    const text = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 rn vv cl -_.'";
    assert.equal(skeleton(text), text);
  });

  it('reads look-alikes as the ASCII letter or digit', () => {
    const alphabet = [
      ['асеһіјорѕԝхуѵ', 'acehijopswxyv'],
      ['вкмнтьзб', 'bkmhtb36'],
      ['αβεζηικμορτχ', 'abezhikmoptx'],
      ['ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ', 'abcdefghijklmnoprstuvwyz'],
      ['օսոհցզ', 'ounhgq'],
      ['ӏꓲǀ', 'lll'],
      ['𑜀', 'm'],
    ] as const;
    for (const [lookAlikes, ascii] of alphabet) assert.equal(skeleton(lookAlikes), ascii);
  });

  it('reads a look-alike of several characters as those', () => {
    assert.equal(skeleton('æ'), 'ae');
    assert.equal(skeleton('ɱ'), 'm\u0326');
  });

  it('works on decomposed text and gives it', () => {
    assert.equal(skeleton('é'), 'e\u0301');
    assert.equal(skeleton('ӥ'), skeleton('и\u0308'));
  });

  it('lets every look-alike of an ASCII letter or digit in the table take its name, but for these', () => {
    const missed = new Map<string, string>();
    for (const [char, prototype] of Object.entries(confusables)) {
      const ascii = likenessesOf(prototype);
      if (/[\0-\x7f]/.test(char) || ascii.length === 0 || !isName(char)) continue;
      const key = nameKey(char, skeleton);
      const keyInWord = nameKey(`x${char}`, skeleton);
      if (!ascii.some((letter) => key === letter && keyInWord === `x${letter}`)) {
        missed.set(char.normalize('NFKC'), `${ascii.join('')}: ${key}, ${keyInWord}`);
      }
    }
    assert.deepEqual(Object.fromEntries(missed), {
      // Looks like l in every case, whatever the table says of the small one.
      ӏ: 'i: l, xl',
      // Like v and u only in a word with Latin letters: see `readGreek`.
      ν: 'v: n, xv',
      υ: 'u: y, xu',
      // Compatibility forms: a long s is an s, the small iota below is a space and an iota.
      s: 'f: s, xs',
      ' \u0345': 'i:  i, x i',
      // The two cases look like different letters; the small one decides.
      Ƽ: '5: s, xs',
      𑢣: 'l: i, xi',
      𑢤: 'y: z, xz',
      𑢦: 'e: 7, x7',
      𑢵: 'o0: 6, x6',
      𑢼: 't: y, xy',
    });
  });
});
