/** A visit by forms and cookies, as browsers without scripts make it; each request over a connection of its own. */

import http from 'node:http';

/** What came instead of a page or of being sent to one. */
export class UnexpectedPage extends Error {
  readonly status: number;

  constructor(status: number, what: string) {
    super(`${what} was answered ${status}`);
    this.status = status;
  }
}

/**
 * Joins, says something, looks at the log, and leaves.
 * @param url of the room's page
 * @throws UnexpectedPage
 */
export async function visitByForms(url: string, name: string): Promise<void> {
  const cookies = new Map<string, string>();
  const show = async (path: string, fields?: Readonly<Record<string, string>>): Promise<void> => {
    const { statusCode = 0, headers } = await ask(`${url}${path}`, cookies, fields);
    if (statusCode !== (fields ? 303 : 200)) throw new UnexpectedPage(statusCode, `${url}${path}`);
    for (const cookie of headers['set-cookie'] ?? []) {
      const [, key = '', value = ''] = /^([^=]*)=([^;]*)/.exec(cookie) ?? [];
      cookies.set(key, value);
    }
  };
  await show('');
  await show('/join', { name });
  await show('/send', { message: 'Is anybody here?' });
  await show('/log');
  await show('');
  await show('/leave', {});
}

function ask(
  url: string,
  cookies: ReadonlyMap<string, string>,
  fields: Readonly<Record<string, string>> | undefined,
): Promise<http.IncomingMessage> {
  const body = fields && `${new URLSearchParams(fields)}`;
  const cookie = [...cookies].map(([key, value]) => `${key}=${value}`).join('; ');
  return new Promise((resolve, reject) => {
    const request = http.request(url, {
      method: body === undefined ? 'GET' : 'POST',
      agent: false,
      headers: {
        ...(cookie && { cookie }),
        ...(body !== undefined && {
          'content-type': 'application/x-www-form-urlencoded',
          'content-length': Buffer.byteLength(body),
        }),
      },
    });
    request.on('error', reject);
    request.on('response', (response) => {
      response.on('error', reject);
      response.on('end', () => resolve(response));
      response.resume();
    });
    request.end(body);
  });
}
