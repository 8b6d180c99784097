/**
 * Lines of the log as they leave: whatever text of a client stands in one, it is one line, and nothing in it does anything to
 * whoever looks at it [P-5].
 */

// What is left as it is by JSON: controls beyond ASCII's, what breaks lines elsewhere, what turns the direction of writing; and
// halves of characters, of which UTF-8 would make something else.
const loose = /[\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
// A backslash and what it makes of the next characters.
const escaped = /\\(?:u[\da-f]{4}|.)/gi;
// What a terminal shows by itself, and line feeds, which stand in traces of calls.
const harmless = /^\\["\\/nt]$/;

/** The same JSON, with such characters escaped. */
export function safeLine(json: string): string {
  return json.replace(loose, (char) => {
    let written = '';
    for (let at = 0; at < char.length; at++) {
      written += `\\u${char.charCodeAt(at).toString(16).padStart(4, '0')}`;
    }
    return written;
  });
}

/** For who shows on a terminal what the strings of the JSON say: they say escapes instead of what those stand for. */
export function safeLineForTerminal(json: string): string {
  return safeLine(json).replace(escaped, (found) => (harmless.test(found) ? found : `\\${found}`));
}
