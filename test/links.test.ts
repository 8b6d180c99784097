import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('..', import.meta.url));
const withDocs = ['src', 'public', 'test', 'docs', 'examples', 'bench', 'scripts', 'deploy'];

/** All Markdown of the project, by path. */
const pages = [
  ...readdirSync(project),
  ...withDocs
    .filter((folder) => existsSync(join(project, folder)))
    .flatMap((folder) =>
      readdirSync(join(project, folder), { recursive: true }).map((name) => join(folder, String(name))),
    ),
].filter((path) => path.endsWith('.md'));

interface Link {
  readonly page: string;
  readonly file: string;
  readonly anchor: string;
}

/** Links to other files and to places in them; those to elsewhere are nobody's to check here. */
const links: Link[] = pages.flatMap((page) => {
  const text = readFileSync(join(project, page), 'utf8').replace(/^```[\s\S]*?^```/gm, '');
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)|<img[^>]* src="([^"]+)"/g)].map(
    ([, link, image]) => link ?? image ?? '',
  );
  return targets
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [path = '', anchor = ''] = target.split('#');
      return {
        page,
        file: path === '' ? page : relative(project, join(project, dirname(page), path)),
        anchor,
      };
    });
});

/** As GitHub names the headings of a page. */
function anchorsOf(file: string): string[] {
  const headings = readFileSync(join(project, file), 'utf8').matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

test('every link from one page of the docs to another leads somewhere', () => {
  assert.ok(links.length > 20, `${links.length} links were found`);
  const broken = links.filter(({ file }) => !existsSync(join(project, file)));
  assert.deepEqual(broken, []);
  const lost = links.filter(
    ({ file, anchor }) => anchor !== '' && file.endsWith('.md') && !anchorsOf(file).includes(anchor),
  );
  assert.deepEqual(lost, []);
});

test('every page of the project is reached from docs/README.md, and every page of the docs at once', () => {
  const leadsTo = (page: string) => links.filter((link) => link.page === page).map(({ file }) => file);
  const index = 'docs/README.md';
  const reached = new Set([index]);
  // A set gives its visitor also what is added meanwhile.
  for (const page of reached) for (const file of leadsTo(page)) reached.add(file);
  assert.deepEqual(
    pages.filter((page) => !reached.has(page)),
    [],
  );
  const atOnce = new Set([index, ...leadsTo(index)]);
  assert.deepEqual(
    pages.filter((page) => page.startsWith('docs/') && !atOnce.has(page)),
    [],
  );
});

test('every picture of the docs is shown somewhere', () => {
  const shown = new Set(links.map(({ file }) => file));
  const pictures = readdirSync(join(project, 'docs/images')).map((name) => `docs/images/${name}`);
  assert.ok(pictures.length > 0);
  assert.deepEqual(
    pictures.filter((picture) => !shown.has(picture)),
    [],
  );
});
