/** What a soak is asked to do, on its command line. */

export interface SoakOptions {
  readonly seconds: number;
  /** How busy it is: 1 leaves most of a core to others. */
  readonly load: number;
  /** Two instances on a Redis in place of one with a file. */
  readonly isCluster: boolean;
  /** Modules that the server's process loads first: a leak, to see that it is found. */
  readonly imports: readonly string[];
}

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };
/** So that something is left after the warm-up. */
const leastSeconds = 15;

export const usage = `npm run soak -- DURATION [--load=N] [--redis] [--import=FILE]
  DURATION       such as 90s, 30m or 2h; ${leastSeconds}s at the least
  --load=N       how busy it is, 1 if not given; 0.5 for a machine that others use as well
  --redis        two instances on a redis-server, in place of one server with a file
  --import=FILE  loads a module into the server, such as a leak, to see that it is found`;

/** @throws Error in words for whoever typed it */
export function soakOptions(args: readonly string[]): SoakOptions {
  const [duration = '', ...more] = args.filter((arg) => !arg.startsWith('--'));
  if (more.length > 0) throw new Error(`One duration is expected; got ${more.join(' ')} as well.`);
  const { load = '1', redis, import: file, ...unknown } = flagsOf(args);
  const [other] = Object.keys(unknown);
  if (other !== undefined) throw new Error(`There is no option --${other}.`);
  if (!(Number(load) > 0 && Number(load) <= 100)) {
    throw new Error(`--load expects a number up to 100; got "${load}".`);
  }
  if (redis) throw new Error(`--redis expects no value; got "${redis}".`);
  return {
    seconds: secondsOf(duration),
    load: Number(load),
    isCluster: redis !== undefined,
    imports: file ? [file] : [],
  };
}

function flagsOf(args: readonly string[]): Partial<Record<string, string>> {
  const flags = args.filter((arg) => arg.startsWith('--'));
  return Object.fromEntries(
    flags.map((flag) => {
      const [, name = flag, value = ''] = /^--([^=]*)=?(.*)$/s.exec(flag) ?? [];
      return [name, value];
    }),
  );
}

function secondsOf(duration: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)([smh])$/.exec(duration) ?? [];
  const seconds = Number(number) * (units[unit] ?? 0);
  if (!(seconds >= leastSeconds)) {
    throw new Error(`A duration of ${leastSeconds}s or more is expected, such as 30m; got "${duration}".`);
  }
  return seconds;
}
