/** Asks or tells a service by a POST with JSON. */

const maxAnswerBytes = 64 * 1024;

/**
 * @returns what it answers, as JSON has it
 * @throws Error if it answers anything but 200 with at most 64 KiB of JSON; no redirect is followed
 */
export async function postJson(url: string, body: unknown, signal: AbortSignal): Promise<unknown> {
  const response = await post(url, body, signal);
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

/**
 * Tells something: what is answered beside the status is not read.
 * @throws Error if it answers anything but 200 to 299; no redirect is followed
 */
export async function tellJson(url: string, body: unknown, signal: AbortSignal): Promise<void> {
  const response = await post(url, body, signal);
  await response.body?.cancel();
  if (!response.ok) throw new Error(`it answers ${response.status}`);
}

function post(url: string, body: unknown, signal: AbortSignal): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(body),
    redirect: 'manual',
    signal,
  });
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
