import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { manifestOf } from '../../src/http/manifest.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));
const textOf = (path: string) => readFileSync(join(project, path), 'utf8');
const filesIn = (folder: string, end: string) =>
  readdirSync(join(project, folder), { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => path.endsWith(end));

const sheets = new Map(
  // What stands in comments and in pictures is no style.
  filesIn('src/web', '.css').map((path) => [
    path,
    textOf(path).replace(/\/\*[\s\S]*?\*\/|url\("[^"]*"\)/g, ''),
  ]),
);
/** Of what the server itself writes, and where that is. */
const written = new Map([
  ['src/web/plain.css', 'src/http/plain'],
  ['src/web/docs.css', 'src/http/openapi'],
]);
const colours = 'src/web/colours.css';

test('colours are named in one place, and used by their names', () => {
  // A mask has no colour, but something to hide with.
  const others = [...sheets].filter(([path]) => path !== colours);
  const named = others.flatMap(([path, css]) =>
    [...css.matchAll(/(?<!mask-image: linear-gradient\()(?:#[0-9a-f]{3,8}\b|\brgb\(|\bhsl\()/g)].map(
      ([colour]) => `${path}: ${colour}`,
    ),
  );
  assert.deepEqual(named, []);
  const all = [...sheets.values()].join('\n');
  const known = new Set([...all.matchAll(/^ *(--[a-z-]+):/gm)].map(([, name]) => name));
  // Set by the page itself, by what it has to show.
  for (const name of ['--hue', '--size', '--visible-height']) known.add(name);
  const used = new Set([...all.matchAll(/var\((--[a-z-]+)/g)].map(([, name]) => name));
  assert.ok(used.size > 15, `${used.size} variables were found`);
  assert.deepEqual(
    [...used].filter((name) => !known.has(name)),
    [],
  );
  assert.deepEqual(
    [...known].filter((name) => !used.has(name)),
    [],
  );
});

test('what the system shows beside the page has its colours', () => {
  const [day, night] = [...textOf(colours).matchAll(/--paper: (#[0-9a-f]{6});/g)].map(([, value]) => value);
  const heads = [...textOf('public/index.html').matchAll(/name="theme-color" content="([^"]+)"/g)];
  assert.deepEqual(
    heads.map(([, value]) => value),
    [day, night],
  );
  const { theme_color, background_color } = manifestOf('lobby');
  assert.deepEqual([theme_color, background_color], [day, day]);
});

test('the page changes at few widths, and the drawer at that of its style', () => {
  const widths = new Set(
    [...sheets.values()].flatMap((css) => [...css.matchAll(/\((max-[a-z]+: [^)]+)\)/g)].map(([, at]) => at)),
  );
  assert.deepEqual([...widths].sort(), [
    'max-height: 30rem',
    'max-width: 22rem',
    'max-width: 34rem',
    'max-width: 52rem',
  ]);
  const drawn = /@media \((.*?)\) \{[^@]*\.roster \{/.exec(
    sheets.get('src/web/roster/roster.css') ?? '',
  )?.[1];
  assert.match(textOf('src/web/roster/drawer.ts'), new RegExp(`matchMedia\\('\\(${drawn}\\)'\\)`));
});

test('every class that has a style is one that something has', () => {
  const code = (folder: string) => filesIn(folder, '.ts').map(textOf).join('\n');
  const page = code('src/web') + textOf('public/index.html');
  const unused = [...sheets].flatMap(([path, css]) => {
    const folder = written.get(path);
    const source = folder === undefined ? page : code(folder);
    const classes = new Set([...css.matchAll(/\.([a-z][a-z-]*)(?=[^{};]*\{)/g)].map(([, name]) => name));
    return [...classes]
      .filter((name) => !new RegExp(`['"\`> ]${name}['"\` ]`).test(source))
      .map((name) => `${path}: .${name}`);
  });
  assert.deepEqual(unused, []);
});
