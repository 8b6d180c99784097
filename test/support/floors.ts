/** The floors of the house, and which imports they allow: down, never up, never sideways into a sibling. */
import type { Import } from './import-graph.ts';

/** By what stands in `src`; docs/architecture.md has the same. */
export const floors: Readonly<Record<string, number>> = {
  core: 0,
  auth: 1,
  delivery: 1,
  metrics: 1,
  stores: 1,
  system: 1,
  config: 2,
  schemas: 2,
  http: 3,
  'plugin.ts': 4,
  'listening.ts': 5,
  'app.ts': 5,
  'index.ts': 5,
  'server.ts': 6,
  cli: 7,
};

/** What of others is in bundles: each package in one folder only. */
const bundled: Readonly<Record<string, string>> = { uplot: 'web/admin/' };

/** Beside the house: what runs elsewhere and may use only this. */
const beside: Readonly<
  Record<string, { readonly code: readonly string[]; readonly types: readonly string[] }>
> = {
  client: { code: ['client'], types: ['client', 'core'] },
  web: { code: ['web', 'client'], types: ['web', 'client', 'core'] },
};

/** What is beside the house and used from within it. */
const used: Readonly<Record<string, string>> = { client: 'cli' };

/** What is wrong with an import, as a line; undefined if nothing is. */
export function breachOf(link: Import): string | undefined {
  const reason = link.isFile ? wrongFile(link) : wrongModule(link);
  return reason === undefined ? undefined : `${link.from} imports ${link.to}: ${reason}`;
}

function wrongModule({ from, to }: Import): string | undefined {
  const home = bundled[to];
  if (home !== undefined && from.startsWith(home)) return undefined;
  const room = roomOf(from);
  if (room === 'core') return 'core imports no package and no node: module';
  if (room in beside)
    return `${room} runs in browsers and imports no node: module, and no package that is not bundled`;
  return room in floors ? undefined : `${room} has no floor`;
}

function wrongFile({ from, to, isType }: Import): string | undefined {
  const [here, there] = [roomOf(from), roomOf(to)];
  const aside = beside[here];
  if (aside !== undefined) {
    const allowed = isType ? aside.types : aside.code;
    return allowed.includes(there)
      ? undefined
      : `${here} may import ${isType ? 'types' : 'code'} of ${allowed} only`;
  }
  const [floor, below] = [floors[here], floors[there]];
  if (floor === undefined) return `${here} has no floor`;
  if (used[there] === here) return undefined;
  if (below === undefined) return `${there} is no part of the house`;
  if (here === there || below < floor) return undefined;
  return below === floor ? `${here} and ${there} are siblings` : `${there} is above ${here}`;
}

/** The folder, or the file itself if it lies in none. */
function roomOf(file: string): string {
  return file.split('/')[0] ?? file;
}
