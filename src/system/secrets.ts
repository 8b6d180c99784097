/**
 * Secrets in lines of the log. Parlor writes none of its own; errors of libraries, and of hooks, have members and texts that say
 * what they were about. A line is looked through as text, and taken apart only where something in it could be one.
 */

const struck = '[secret]';

/** So deep a line is told; what is deeper is not looked through, and so not written. */
const maxDepth = 16;

// Of names in small letters, without what stands between words. `args` is what Redis was asked to do, with what somebody said.
const secretName =
  /pass(?:word|wd|phrase|code)|^(?:pass|pwd|pw|args|jwt|otp|pin|pfx|sid|.*key)$|secret|token|auth(?!or(?!i[sz]))|cookie|credential|signature/;

const inText: readonly (readonly [RegExp, string])[] = [
  // Who asks, in an address; and all that it asks with: any name may be that of a ticket.
  [/(\b[a-z][\w+.-]{0,30}:\/\/)[^\s"'<>/?#]*@/gi, `$1${struck}@`],
  [/([?#])[^\s"'<>?#=&]+=[^\s"'<>]*/g, `$1${struck}`],
  // Headers, to the end of their line, and members as JSON or a query has them.
  [/((?:\b|-)(?:authorization|(?:set-)?cookie2?)["']?\s*:)[^\r\n]*/gi, `$1 ${struck}`],
  [/\b(bearer|basic|negotiate)\s+[\w.~+/=-]+/gi, `$1 ${struck}`],
  [
    /((?:pass(?:word|wd|phrase|code)|secret|token|credential|api-?_?key)s?["']?\s*=\s*)[^\s,;&"']+/gi,
    `$1${struck}`,
  ],
  [
    /((?:pass(?:word|wd|phrase|code)|secret|token|credential|api-?_?key)s?["']\s*:\s*)(?:"(?:[^"\\]|\\.)*"?|'[^']*'?|[^\s,}]+)/gi,
    `$1"${struck}"`,
  ],
  // JSON Web Tokens, wherever they are.
  [/\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*/g, struck],
];

// What all of these, and the names, have one of.
const suspicion =
  /pass|secret|token|auth|cookie|credential|signature|key|"(?:pwd|pw|args|jwt|otp|pin|pfx|sid)"|bearer|basic|negotiate|eyJ|:\/\/[^\s"/]*@|[?#][^\s"?#=&]+=/i;

/** The same line of JSON, with `[secret]` in place of each. */
export function withoutSecrets(line: string): string {
  if (!suspicion.test(line)) return line;
  const told = JSON.stringify(clean(JSON.parse(line), maxDepth));
  return line.endsWith('\n') ? `${told}\n` : told;
}

function clean(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return '[too deep]';
  if (Array.isArray(value)) {
    // Headers come as pairs, or as names and values in turn.
    return value.map((item, index) =>
      index > 0 && isSecretHeader(value[index - 1]) ? struck : clean(item, depth - 1),
    );
  }
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      isSecretName(name) && member !== null ? struck : clean(member, depth - 1),
    ]),
  );
}

function isSecretName(name: string): boolean {
  return secretName.test(name.replaceAll(/[-_]/g, '').toLowerCase());
}

/** Of a list; what is long, or more than a word, is a value. */
function isSecretHeader(item: unknown): boolean {
  return typeof item === 'string' && /^[\w-]{1,64}$/.test(item) && isSecretName(item);
}

function cleanText(text: string): string {
  return inText.reduce((cleaned, [pattern, instead]) => cleaned.replace(pattern, instead), text);
}
