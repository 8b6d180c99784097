/** What came as JSON, maybe. */

/** Text as JSON; undefined if it is none. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A body as JSON; undefined if it is none. */
export async function jsonOf(response: Response): Promise<unknown> {
  return parsed(await response.text().catch(() => ''));
}

/** A member of whatever came as JSON. */
export function memberOf(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined;
}
