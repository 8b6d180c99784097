/** What a message may be. Its text is never escaped: whoever shows it treats it as text [P-5]. */

import { ChatError } from './errors.ts';
import { utf8Length } from './events.ts';
import { quote } from './quote.ts';

// White space, what shows nothing by definition (zero-width characters, fillers), and the empty Braille cell.
const visible = /[^\p{White_Space}\p{DI}\u2800]/u;
// Once CR LF has become LF, a carriage return is a control character like others: on a terminal it would
// write over what stands before it.
const refused = /[\0-\x08\x0b-\x1f\x7f-\x9f]|\p{Cs}/u;

/**
 * Checks a message and gives its text: as it came, but with every CR LF made LF.
 *
 * @param limits `maxBytes`: how many bytes the text may have in UTF-8
 * @throws ChatError `invalid-message`, saying what was expected and what came
 */
export function validateMessage(input: string, limits: { maxBytes: number }): string {
  const text = input.replaceAll('\r\n', '\n');
  if (!visible.test(text)) throw invalid('Your message is empty and was ignored.');

  const bytes = utf8Length(text);
  if (bytes > limits.maxBytes) {
    throw invalid(`A message has at most ${limits.maxBytes} bytes of UTF-8; this one has ${bytes}.`);
  }
  const found = refused.exec(text)?.[0];
  if (found === undefined) return text;
  throw invalid(
    found >= '\ud800'
      ? `A message is well-formed Unicode; this one has the lone surrogate ${quote(found)}.`
      : `A message has no control characters but line feed and tab; this one has ${quote(found)}.`,
  );
}

function invalid(detail: string): ChatError {
  return new ChatError('invalid-message', detail);
}
