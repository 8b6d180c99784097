/** Asks a service by a POST with JSON. */

const maxAnswerBytes = 64 * 1024;

/**
 * @returns what it answers, as JSON has it
 * @throws Error if it answers anything but 200 with at most 64 KiB of JSON; no redirect is followed
 */
export async function postJson(url: string, body: unknown, signal: AbortSignal): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(body),
    redirect: 'manual',
    signal,
  });
  if (response.status !== 200) {
    // Or its connection would stay in use.
    await response.body?.cancel();
    throw new Error(`it answers ${response.status}`);
  }
  const text = await boundedText(response);
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('it answers no JSON');
  }
}

async function boundedText(response: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of response.body ?? []) {
    bytes += piece.length;
    // Leaving the loop ends the connection.
    if (bytes > maxAnswerBytes) throw new Error(`it answers more than ${maxAnswerBytes} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
