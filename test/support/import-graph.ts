/** Who imports whom: read from the text of TypeScript files, types included, which compilers leave out. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

export interface Import {
  /** The importing file, relative to the root, with `/`. */
  readonly from: string;
  /** The imported file, relative to the root (`../…` if outside), or the name of a package or of a `node:` module. */
  readonly to: string;
  readonly isFile: boolean;
  /** Whether only types are imported. */
  readonly isType: boolean;
}

/** Statements begin a line, as the formatter sees to; so what looks like one in a comment or a text does not count. */
const statement = /^(?:import|export)\b(\s+type\b)?(?:[^'"`;]*?\bfrom)?\s*['"]([^'"\n]+)['"]/gm;
/** `import('…')`, also as a type; and the file of a worker, `new URL('./….ts', import.meta.url)`. */
const expression =
  /\bimport\(\s*['"]([^'"\n]+)['"]|\bnew URL\(\s*['"](\.[^'"\n]+\.[jt]s)['"],\s*import\.meta\.url/g;
const computedImport = /\bimport\((?!\s*['"])/;

/**
 * @param file relative to the root, with `/`
 * @throws Error on an import that cannot be read because it is computed
 */
export function importsOf(file: string, source: string): Import[] {
  const code = source.replace(/^\s*(?:\/\/|\/?\*).*$/gm, '');
  if (computedImport.test(code)) throw new Error(`${file} has a computed import.`);
  const named = [...code.matchAll(statement)].map(([, type, to = '']) => ({
    to,
    isType: type !== undefined,
  }));
  const inline = [...code.matchAll(expression)].map(([, module, worker]) => ({
    to: module ?? worker ?? '',
    isType: false,
  }));
  return [...named, ...inline].map(({ to, isType }) => {
    const isFile = to.startsWith('.');
    const target = isFile ? posix.join(posix.dirname(file), to).replace(/\.js$/, '.ts') : to;
    return { from: file, to: target, isFile, isType };
  });
}

/** Every TypeScript file under a folder, relative to it, with `/`. */
export function sourceFiles(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.ts'))
    .sort();
}

export function readImports(root: string): Import[] {
  return sourceFiles(root).flatMap((file) => importsOf(file, readFileSync(join(root, file), 'utf8')));
}

/** The cycles that a walk along the imports runs into, each as `a → b → a`. */
export function findCycles(imports: readonly Import[]): string[] {
  const targets = new Map<string, string[]>();
  for (const { from, to, isFile } of imports) {
    if (isFile) targets.set(from, [...(targets.get(from) ?? []), to]);
  }
  const cycles: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const walk = (file: string): void => {
    if (path.includes(file)) {
      cycles.push([...path.slice(path.indexOf(file)), file].join(' → '));
      return;
    }
    if (done.has(file)) return;
    path.push(file);
    for (const target of targets.get(file) ?? []) walk(target);
    path.pop();
    done.add(file);
  };
  for (const file of targets.keys()) walk(file);
  return cycles;
}
