/** HTML as a template: what is put in is escaped, unless it is such HTML itself [P-5]. */

class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type { Html };

/** What may be put into a template: nothing is shown of `undefined` and `false`. */
type Part = string | number | Html | undefined | false | readonly Part[];

/**
 * Attributes stand in double quotes.
 * @example html`<p title="${title}">${text}</p>`
 */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.reduce((before, after, i) => before + textOf(parts[i - 1]) + after));
}

function textOf(part: Part): string {
  if (part === undefined || part === false) return '';
  if (typeof part === 'string') return escapeText(part);
  if (typeof part === 'number') return String(part);
  if (part instanceof Html) return part.text;
  return part.map(textOf).join('');
}

// Control characters would reach the terminal of a text browser. None is in the log; what was refused is shown again.
const special = /[&<>"']|[\0-\x08\x0b-\x1f\x7f-\x9f]/g;
const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeText(text: string): string {
  return text.replace(special, (char) => entities[char] ?? `\\u{${char.codePointAt(0)?.toString(16)}}`);
}
