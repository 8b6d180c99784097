/** Lines of an input, however long it leaves them. */

/** Far beyond any message (64 KiB): what is longer is cut here, and refused as too long later. */
const maxLength = 128 * 1024;

/** Each line without its end; the last one needs none. */
export async function* linesOf(input: AsyncIterable<Buffer | string>): AsyncGenerator<string, void, void> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of input) {
    rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
    const lines = rest.split('\n');
    rest = (lines.pop() ?? '').slice(0, maxLength);
    for (const line of lines) yield line.slice(0, maxLength).replace(/\r$/, '');
  }
  rest += decoder.decode();
  if (rest !== '') yield rest.replace(/\r$/, '');
}
