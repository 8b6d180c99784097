/** What a release changes, and what stands against it. Nothing here reads or writes anything. */

export interface Tree {
  /** As package.json has it. */
  readonly version: string;
  readonly changelog: string;
  readonly branch: string;
  /** The commit that is checked out. */
  readonly head: string;
  /** What `git status --porcelain` prints. */
  readonly status: string;
  readonly tags: readonly string[];
}

const unreleased = '## [Unreleased]\n';
// Without a 0 before another digit, as npm wants it.
const versionPattern = /^(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}$/;

/** Why this version cannot be released from this tree; empty if it can. */
export function objections(wanted: string, tree: Tree): string[] {
  const found: string[] = [];
  if (!versionPattern.test(wanted)) {
    found.push(`The version must be three numbers, such as 1.2.3, not "${wanted}".`);
  } else if (tree.tags.includes(tagOf(wanted))) {
    found.push(`There is a tag ${tagOf(wanted)} already.`);
  } else if (compare(wanted, tree.version) < 0) {
    found.push(`${wanted} is older than ${tree.version}, which package.json has.`);
  } else {
    const newer = tree.tags.find((tag) => tag.startsWith('v') && isNewer(tag.slice(1), wanted));
    if (newer !== undefined) found.push(`${wanted} is older than ${newer}, which is a tag.`);
  }
  if (tree.branch !== 'main') found.push(`Releases are made on main, not on ${tree.branch || 'no branch'}.`);
  if (tree.status !== '') found.push(`What is not committed would not be in it:\n${tree.status.trimEnd()}`);
  if (notesOf(tree.changelog) === '') found.push(whyNothingNew(wanted, tree));
  return found;
}

/** Whether something else would be released than what was judged. */
export function hasChanged(judged: Tree, now: Tree): boolean {
  return judged.head !== now.head || judged.status !== now.status || judged.branch !== now.branch;
}

function whyNothingNew(wanted: string, { version, changelog, tags }: Tree): string {
  const isHalf = version === wanted && changelog.includes(headOf(wanted)) && !tags.includes(tagOf(wanted));
  return isHalf
    ? `Release ${wanted} was broken off: its commit lacks the tag. If that is the last one: git tag --annotate ${tagOf(wanted)} -m "Release ${wanted}"`
    : 'CHANGELOG.md says nothing under "## [Unreleased]".';
}

function isNewer(version: string, wanted: string): boolean {
  return versionPattern.test(version) && compare(version, wanted) > 0;
}

/** What the section of a version begins with. */
function headOf(version: string): string {
  return `\n## [${version}] - `;
}

/** What the package would not tell whoever finds it on npm, in a line; nothing if it tells all. Only its maker knows it. */
export function unsaid(packageJson: string): string | undefined {
  const content: Record<string, unknown> = JSON.parse(packageJson);
  const missing = ['repository', 'homepage', 'bugs'].filter((field) => content[field] === undefined);
  if (missing.length === 0) return undefined;
  return `package.json has no ${missing.join(', ')}: npm will show no way to its sources or to whom to tell of a fault.`;
}

export function tagOf(version: string): string {
  return `v${version}`;
}

/** What the changelog says of what is not released yet. */
export function notesOf(changelog: string): string {
  const from = changelog.indexOf(unreleased);
  if (from < 0) return '';
  const rest = changelog.slice(from + unreleased.length);
  const end = rest.indexOf('\n## ');
  return (end < 0 ? rest : rest.slice(0, end)).trim();
}

/**
 * The changelog in which what was not released is this version.
 * @param date as `2026-01-31`
 */
export function releasedChangelog(changelog: string, version: string, date: string): string {
  return changelog.replace(unreleased, () => `${unreleased}${headOf(version)}${date}\n`);
}

/** A package.json or package-lock.json of this version, otherwise as it was. */
export function withVersion(json: string, version: string): string {
  const content: { version: string; packages?: { ''?: { version?: string } } } = JSON.parse(json);
  content.version = version;
  const root = content.packages?.[''];
  if (root) root.version = version;
  return `${JSON.stringify(content, null, 2)}\n`;
}

function compare(one: string, other: string): number {
  const [ones = [], others = []] = [one, other].map((version) => version.split('.').map(Number));
  return ones.map((part, place) => part - (others[place] ?? 0)).find((difference) => difference !== 0) ?? 0;
}
