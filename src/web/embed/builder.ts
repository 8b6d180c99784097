/** The page at `/embed`: builds a snippet, shows live what it makes, and says what the server has to allow. */

import { type Child, el } from '../dom.ts';
import { builderWords } from '../text/builder.ts';
import { attributesOf, permissionFor, snippetOf, type Wish } from './snippet.ts';

const words = builderWords(navigator.languages);
const root = document.getElementById('app');
const { rooms = '', embedOrigins = '', feedOrigins = '' } = document.documentElement.dataset;
if (root === null) throw new Error('The document has no place for the builder.');
document.documentElement.lang = words.language;
document.title = `${words.title} · Parlor`;

const [firstRoom = 'lobby', ...moreRooms] = rooms.split(' ');
const kind = select('kind', words.kinds);
const room = el('input', {
  id: 'room',
  value: firstRoom,
  list: 'rooms',
  autocomplete: 'off',
  spellcheck: 'false',
});
const theme = select('theme', words.themes);
const hasAccent = el('input', { id: 'has-accent', type: 'checkbox' });
const accent = el('input', { id: 'accent', type: 'color', value: '#1d6a5b', 'aria-label': words.accent });
const height = el('input', {
  id: 'height',
  placeholder: '480',
  'aria-describedby': 'height-hint',
  autocomplete: 'off',
});
const last = el('input', { id: 'last', type: 'number', min: '1', max: '1000', value: '20' });
const page = el('input', {
  id: 'page',
  type: 'url',
  placeholder: 'https://www.example.org',
  'aria-describedby': 'page-hint',
  autocomplete: 'url',
});
const lastField = field('last', words.last, last);
const snippet = el('code', { id: 'snippet' });
const copy = el('button', { class: 'primary', type: 'button' }, words.copy);
const said = el('p', { class: 'hint', role: 'status' });
const permission = el('p', { role: 'status' });
const line = el('code');
const preview = el('div', { class: 'preview' });

const form = el(
  'form',
  { novalidate: '' },
  field('kind', words.kind, kind),
  field('room', words.room, room),
  el('datalist', { id: 'rooms' }, ...[firstRoom, ...moreRooms].map((name) => el('option', { value: name }))),
  lastField,
  field('theme', words.theme, theme),
  el('div', { class: 'row' }, hasAccent, el('label', { for: 'has-accent' }, words.ownAccent), accent),
  field('height', words.height, height, words.heightHint),
  field('page', words.page, page, words.pageHint),
);
root.replaceChildren(
  el(
    'main',
    { class: 'builder' },
    el(
      'header',
      {},
      el('p', { class: 'wordmark' }, 'Parlor'),
      el('h1', {}, words.title),
      el('p', {}, words.lead),
    ),
    form,
    el(
      'section',
      { class: 'result', 'aria-labelledby': 'snippet-head' },
      el('div', { class: 'row head' }, el('h2', { id: 'snippet-head' }, words.snippet), copy),
      el('pre', { tabindex: '0' }, snippet),
      said,
      permission,
      el('pre', { class: 'line' }, line),
    ),
    el(
      'section',
      { class: 'seen', 'aria-labelledby': 'preview-head' },
      el('h2', { id: 'preview-head' }, words.preview),
      preview,
    ),
  ),
);

form.addEventListener('submit', (event) => event.preventDefault());
form.addEventListener('input', () => show());
copy.addEventListener('click', () => void copySnippet());
show();

function show(): void {
  const wish = wishNow();
  lastField.hidden = wish.kind !== 'feed';
  accent.hidden = !hasAccent.checked;
  snippet.textContent = snippetOf(location.origin, wish);
  said.textContent = '';
  showPermission(wish);
  const tag = `parlor-${wish.kind}`;
  const before = preview.firstElementChild;
  const shown = before?.localName === tag ? before : document.createElement(tag);
  const attributes = new Map(attributesOf(wish));
  for (const name of ['room', 'last', 'theme', 'accent', 'height']) {
    const value = attributes.get(name);
    if (value === undefined) shown.removeAttribute(name);
    else if (shown.getAttribute(name) !== value) shown.setAttribute(name, value);
  }
  if (shown !== before) preview.replaceChildren(shown);
}

function showPermission({ kind: of }: Wish): void {
  const isFeed = of === 'feed';
  const permit = (address: string) =>
    isFeed
      ? permissionFor('FEED_ORIGINS', feedOrigins, address)
      : permissionFor('EMBED_ORIGINS', embedOrigins, address);
  // Until it is known which page it is for, an example; what the server has is kept.
  const needed = permit(page.value) ?? permit(page.placeholder);
  const isAllowed = needed?.isThere === true;
  const isHopeless = isFeed && feedOrigins === '';
  permission.textContent = isHopeless ? words.noFeed : isAllowed ? words.allowed : words.needed;
  line.textContent = isAllowed || isHopeless ? '' : (needed?.line ?? '');
}

function wishNow(): Wish {
  return {
    kind: kind.value === 'feed' ? 'feed' : 'room',
    room: room.value.trim() || firstRoom,
    theme: theme.value,
    accent: hasAccent.checked ? accent.value : '',
    height: height.value.trim(),
    last: last.value,
  };
}

async function copySnippet(): Promise<void> {
  try {
    await navigator.clipboard.writeText(snippet.textContent ?? '');
    said.textContent = words.copied;
  } catch {
    // Not over plain HTTP, and not if the user says no.
    said.textContent = words.copyFailed;
  }
}

function select(id: string, options: Readonly<Record<string, string>>): HTMLSelectElement {
  return el(
    'select',
    { id },
    ...Object.entries(options).map(([value, text]) => el('option', { value }, text)),
  );
}

function field(id: string, label: string, input: Child, hint?: string): HTMLElement {
  const hints = hint === undefined ? [] : [el('p', { id: `${id}-hint`, class: 'hint' }, hint)];
  return el('div', { class: 'field' }, el('label', { for: id }, label), input, ...hints);
}
