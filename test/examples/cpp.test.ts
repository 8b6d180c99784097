import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { has, without } from '../support/needs.ts';
import { describesTerminalExample } from './support/terminal-example.ts';

const source = fileURLToPath(new URL('../../examples/cpp/chat.cpp', import.meta.url));
const compileTimeoutMs = 180_000;

describe('the example in C++', { concurrency: 6 }, () => {
  let compiling: Promise<string> | undefined;

  after(async () => {
    const program = await compiling?.catch(() => undefined);
    if (program !== undefined) await rm(join(program, '..'), { recursive: true });
  });

  /** As its first lines say, with all warnings as errors. */
  async function compile(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'parlor-'));
    const program = join(folder, 'chat');
    const flags = ['-std=c++17', '-pthread', '-Wall', '-Wextra', '-Werror'];
    const args = [...flags, source, '-lcurl', '-o', program];
    await promisify(execFile)('c++', args, { timeout: compileTimeoutMs });
    return program;
  }

  async function command(t: TestContext): Promise<readonly string[] | undefined> {
    if (!has(t, 'c++') || !hasLibraries(t)) return undefined;
    compiling ??= compile();
    return [await compiling];
  }

  describesTerminalExample({ deliveries: ['push', 'pull'], command });
});

let areLibrariesFound: boolean | undefined;

function hasLibraries(t: TestContext): boolean {
  const input = '#include <curl/curl.h>\n#include <nlohmann/json.hpp>\n';
  areLibrariesFound ??= spawnSync('c++', ['-E', '-x', 'c++', '-', '-o', '/dev/null'], { input }).status === 0;
  return areLibrariesFound || without(t, 'libcurl4-openssl-dev or nlohmann-json3-dev is missing');
}
