/** A browser that knows forms, cookies and redirects, and nothing else. */

export interface FormAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
}

export class FormClient {
  readonly #url: string;
  readonly #cookies = new Map<string, string>();
  /** The page that is shown. */
  page: FormAnswer = { status: 0, headers: new Headers(), html: '' };

  /** @param url the server's, without a slash at the end */
  constructor(url: string) {
    this.#url = url;
  }

  /** One who has joined by the form. */
  static async join(url: string, name: string, room = 'lobby'): Promise<FormClient> {
    const client = new FormClient(url);
    await client.open(`/plain/${room}`);
    await client.submit('join', { name });
    return client;
  }

  /** As in the header `Cookie`. */
  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  set cookie(pair: string) {
    const [name = '', value = ''] = pair.split('=');
    this.#cookies.set(name, value);
  }

  /** Shows a page, going where it is sent. */
  async open(path: string, headers: Record<string, string> = {}): Promise<FormAnswer> {
    return this.#show(await this.ask('GET', path, undefined, headers));
  }

  /** Sends the form whose address ends with `name`, with its hidden fields, and shows what comes. */
  async submit(name: string, fields: Record<string, string> = {}): Promise<FormAnswer> {
    return this.#show(await this.post(name, fields));
  }

  /** The same, and shows nothing. */
  post(
    name: string,
    fields: Record<string, string> = {},
    headers: Record<string, string> = {},
  ): Promise<FormAnswer> {
    const form = [...this.page.html.matchAll(/<form\b[^>]*action="([^"]*)"[^>]*>(.*?)<\/form>/gs)].find(
      ([, action]) => action?.endsWith(`/${name}`),
    );
    if (!form?.[1]) throw new Error(`There is no form ${name} in: ${this.page.html}`);
    return this.ask('POST', form[1], { ...fieldsOf(form[2] ?? ''), ...fields }, headers);
  }

  async ask(
    method: string,
    path: string,
    fields?: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<FormAnswer> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      redirect: 'manual',
      headers: { ...(this.cookie === '' ? {} : { cookie: this.cookie }), ...headers },
      ...(fields ? { body: new URLSearchParams(fields) } : {}),
    });
    for (const cookie of response.headers.getSetCookie()) {
      this.cookie = cookie.split(';')[0] ?? '';
      if (/max-age=0/i.test(cookie)) this.#cookies.delete(cookie.split('=')[0] ?? '');
    }
    return { status: response.status, headers: response.headers, html: await response.text() };
  }

  /** What the page shows, without its marks, as a text browser has it. */
  get text(): string {
    return textOf(this.page.html);
  }

  /** What is in a field of the page, if it has that. */
  field(name: string): string | undefined {
    return fieldsOf(this.page.html, /<input\b[^>]*>/g)[name];
  }

  async #show(answer: FormAnswer): Promise<FormAnswer> {
    const location = answer.status === 303 ? answer.headers.get('location') : null;
    this.page =
      location === null
        ? answer
        : await this.ask(
            'GET',
            (new URL(location, this.#url).href.split('#')[0] ?? '').slice(this.#url.length),
          );
    return this.page;
  }
}

/** The text of HTML: marks gone, entities read. */
export function textOf(html: string): string {
  const body = html.slice(html.indexOf('<body'));
  return readEntities(body.replaceAll('<br>', '\n').replaceAll(/<[^>]*>/g, ''));
}

function fieldsOf(html: string, inputs = /<input\b[^>]*type="hidden"[^>]*>/g): Record<string, string> {
  const found = [...html.matchAll(inputs)].map(([input]) => [
    attribute(input, 'name'),
    attribute(input, 'value'),
  ]);
  return Object.fromEntries(found.filter(([name]) => name !== undefined));
}

function attribute(tag: string, name: string): string | undefined {
  const [, value] = new RegExp(`\\s${name}="([^"]*)"`).exec(tag) ?? [];
  return value === undefined ? undefined : readEntities(value);
}

function readEntities(text: string): string {
  const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (_entity, name: string) => entities[name] ?? '');
}
