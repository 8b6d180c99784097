import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { Ajv } from 'ajv';
import { metricsTable } from '../scripts/metrics-table.ts';
import { commands } from '../src/cli/commands.ts';
import { parseConfig } from '../src/config/config.ts';
import { ConfigError } from '../src/config/config-error.ts';
import { listOptions } from '../src/config/options.ts';
import { endings } from '../src/core/endings.ts';
import { ChatError, type ErrorCode, errorCodes } from '../src/core/errors.ts';
import { problemOf } from '../src/http/errors.ts';
import { ChatRoomEvent } from '../src/schemas/events.ts';
import { streamEvents } from '../src/schemas/stream.ts';
import { adminToken } from './support/admin.ts';
import { startServer } from './support/test-server.ts';

const page = readFileSync(new URL('../docs/api.md', import.meta.url), 'utf8');

const ajv = new Ajv({ strict: false });

function table(name: string): string[] {
  const [, text = ''] = new RegExp(`<!-- ${name} -->\\n([\\s\\S]*?)<!-- /${name} -->`).exec(page) ?? [];
  return text.trim().split('\n').slice(2);
}

function isCode(code: string): code is ErrorCode {
  return code in errorCodes;
}

describe('docs/api.md', () => {
  it('has every error with its status and when it is raised', () => {
    const rows = Object.entries(errorCodes).map(([code, raisedWhen]) => {
      assert(isCode(code));
      return `| \`${code}\` | ${problemOf(new ChatError(code, ''), '').status} | ${raisedWhen} |`;
    });
    assert.deepEqual(table('errors'), rows);
  });

  it('has every ending with what to do and when it happens', () => {
    const rows = Object.entries(endings).map(
      ([reason, { action, happensWhen }]) => `| \`${reason}\` | ${action} | ${happensWhen} |`,
    );
    assert.deepEqual(table('endings'), rows);
  });

  it('has an example of every event, each as it goes over the wire', () => {
    const [, section = ''] = page.split('\n## Events\n');
    const [, lines = ''] = /```json\n([\s\S]*?)```/.exec(section) ?? [];
    const events: unknown[] = lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      events.filter((event) => !ajv.validate(ChatRoomEvent, event)),
      [],
    );
    assert.deepEqual(
      events.map((event) => Object(event).type).sort(),
      ChatRoomEvent.anyOf.map(({ properties }) => properties.type.const).sort(),
    );
  });

  it('has an example of every event of a stream that is none of the room, with an id where it has one', () => {
    const [, section = ''] = page.split('\n## The stream\n');
    const [, stream = ''] = /```\n([\s\S]*?)```/.exec(section) ?? [];
    const told = stream.split('\n\n').flatMap((frame) => {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(frame)?.[1];
      const [name, data] = [field('event') ?? 'message', field('data')];
      return data === undefined ? [] : [{ name, data: JSON.parse(data), hasId: field('id') !== undefined }];
    });
    for (const { name, data, hasId } of told) {
      const expected = streamEvents[name];
      assert.ok(expected && ajv.validate(expected.data, data), `${name}: ${JSON.stringify(data)}`);
      assert.equal(hasId, expected.hasId, name);
    }
    const ofRoom = new Set<string>(ChatRoomEvent.anyOf.map(({ properties }) => properties.type.const));
    const missing = Object.keys(streamEvents).filter(
      (name) => !ofRoom.has(name) && !told.some((event) => event.name === name),
    );
    assert.deepEqual(missing, []);
  });
});

describe('the docs', () => {
  const folder = new URL('../docs/', import.meta.url);
  const texts = readdirSync(folder)
    .filter((name) => name.endsWith('.md') && name !== 'benchmarks.md')
    .map((name) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') }));
  texts.push({ name: 'README.md', text: readFileSync(new URL('../README.md', import.meta.url), 'utf8') });
  /** What all of them have of something, each with its page. */
  const named = (pattern: RegExp): string[] => {
    const found = texts.flatMap(({ name, text }) =>
      [...text.matchAll(pattern)].map(([, word = '']) => `${name}: ${word}`),
    );
    assert.ok(found.length > 10, `${found.length} for ${pattern}`);
    return found;
  };
  const without = (found: string[], known: ReadonlySet<string>): string[] =>
    found.filter((line) => !known.has(line.split(': ')[1] ?? ''));

  it('name no option that is not there', () => {
    const elsewhere = ['FORCE_COLOR', 'NO_COLOR', 'NODE_EXTRA_CA_CERTS', 'NODE_MODULE_VERSION'];
    const ofCommands = ['PARLOR_NAME', 'PARLOR_PASSWORD', 'PARLOR_TOKEN'];
    const options = listOptions().map(({ variable }) => variable);
    const known = new Set([...options, ...ofCommands, ...elsewhere]);
    assert.deepEqual(without(named(/`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\b(?!_)/g), known), []);
  });

  it('set no option to a value that it does not take', () => {
    const options = new Set(listOptions().map(({ variable }) => variable));
    let count = 0;
    for (const { name, text } of texts) {
      // What stands in blocks is run by tests.
      const inline = text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`\n]+)`/g);
      for (const [, code = ''] of inline) {
        for (const [, option = '', quoted, plain = ''] of code.matchAll(/\b([A-Z_]+)=(?:'([^']*)'|(\S*))/g)) {
          const value = quoted ?? plain;
          if (!options.has(option) || value.endsWith('…')) continue;
          count++;
          try {
            parseConfig({ [option]: value });
          } catch (error) {
            // Others that it needs are named elsewhere.
            assert.ok(error instanceof ConfigError, name);
            assert.doesNotMatch(error.message, new RegExp(`^${option}: expected`), `${name}: ${code}`);
          }
        }
      }
    }
    assert.ok(count > 30, String(count));
  });

  it('name no figure that is not there', () => {
    const volume = 'parlor_redis';
    const figures = [...metricsTable().matchAll(/^\| `(\w+)`/gm)].map(([, name = '']) => name);
    assert.deepEqual(without(named(/`(parlor_[a-z_]+|process_[a-z_]+)/g), new Set([...figures, volume])), []);
  });

  it('have every operation of the API in a table, with its request', async (t) => {
    const server = await startServer({ ADMIN_TOKEN: adminToken });
    t.after(() => server.close());
    const answer = await fetch(`${server.url}/openapi.json`);
    const { paths } = (await answer.json()) as { paths: Record<string, Record<string, object>> };
    const rows = texts.flatMap(({ text }) => text.split('\n'));
    const shown = (id: string, request: string): boolean =>
      ['?', '`'].some((end) => rows.some((row) => row.startsWith(`| \`${id}\` | \`${request}${end}`)));
    const missing: string[] = [];
    let count = 0;
    for (const [path, methods] of Object.entries(paths)) {
      if (!path.startsWith('/v1/')) continue;
      const short = path.replace('/v1/rooms/{room}/session', '…/session');
      for (const [method, operation] of Object.entries(methods)) {
        if (!('operationId' in operation)) continue;
        count++;
        const request = `${method.toUpperCase()} ${short}`;
        if (!shown(String(operation.operationId), request)) missing.push(request);
      }
    }
    assert.ok(count > 20, String(count));
    assert.deepEqual(missing, []);
  });

  it('name no command that is not there', () => {
    const known = new Set(Object.keys(commands).flatMap((name) => name.split(' ')));
    assert.deepEqual(without(named(/`(?:\S*\| )?parlor ([a-z]+)/g), known), []);
  });
});
