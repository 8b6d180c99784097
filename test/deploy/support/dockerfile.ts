/** A Dockerfile as its stages and their instructions. */

export interface Instruction {
  readonly keyword: string;
  readonly args: string;
}

export interface Stage {
  readonly image: string;
  readonly name: string | undefined;
  readonly instructions: readonly Instruction[];
}

export function stagesOf(dockerfile: string): Stage[] {
  const lines = dockerfile
    .split('\n')
    .filter((line) => !/^\s*(#|$)/.test(line))
    .join('\n')
    .replace(/\\\n\s*/g, '')
    .split('\n');
  const stages: { image: string; name: string | undefined; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const [, keyword = '', args = ''] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? [];
    if (keyword === '') throw new Error(`Not an instruction: ${line}`);
    if (keyword === 'FROM') {
      const [, image = '', name] = /^(\S+)(?: AS (\S+))?$/.exec(args) ?? [];
      stages.push({ image, name, instructions: [] });
    } else {
      const stage = stages.at(-1);
      if (!stage) throw new Error(`Before any FROM: ${line}`);
      stage.instructions.push({ keyword, args });
    }
  }
  return stages;
}

/** The last instruction of a kind, which is the one that counts. */
export function lastOf(stage: Stage, keyword: string): string | undefined {
  return stage.instructions.findLast((instruction) => instruction.keyword === keyword)?.args;
}

/** What `ENV` sets, each value without spaces. */
export function environmentOf(stage: Stage): Record<string, string> {
  const settings = stage.instructions.filter(({ keyword }) => keyword === 'ENV');
  return Object.fromEntries(
    settings
      .flatMap(({ args }) => args.split(/\s+/))
      .map((setting) => [setting.slice(0, setting.indexOf('=')), setting.slice(setting.indexOf('=') + 1)]),
  );
}

/** The words of an exec form, such as that of `CMD`; undefined if a shell would run it. */
export function execForm(args: string): string[] | undefined {
  const [, list] = /(\[.*\])$/.exec(args) ?? [];
  return list === undefined ? undefined : JSON.parse(list);
}

/**
 * Whether a file of the project is given to the engine, by what the ignore file says. It knows plain paths, `*` for everything, and
 * `!` for exceptions; the last line that fits decides.
 */
export function isInContext(path: string, ignoreFile: string): boolean {
  let isIgnored = false;
  for (const line of ignoreFile.split('\n').map((text) => text.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    const isException = line.startsWith('!');
    const pattern = isException ? line.slice(1) : line;
    if (pattern === '*' || path === pattern || path.startsWith(`${pattern}/`)) isIgnored = !isException;
  }
  return !isIgnored;
}
