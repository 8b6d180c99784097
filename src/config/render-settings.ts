/** The settings that count, as a file `.env` that a server could be started with once its secrets are filled in. */

import type { Config } from './config.ts';
import { hidden } from './hiding.ts';
import type { Setting } from './load-config.ts';
import { listOptions } from './options.ts';

const head = `# What ${hidden} stands for is hidden. With that filled in, this can be a .env.`;

/** Everything by who set it, in the order of the table. */
export function renderSettings(config: Config, settings: readonly Setting[]): string {
  const following = textsThatFollow(config);
  const follows = (setting: Setting) => (following.get(setting.variable) ?? setting.text) !== setting.text;
  const from = (source: Setting['from']) =>
    settings.filter((setting) => setting.from === source && !follows(setting));
  return [
    head,
    ...section('Of the environment, which wins over .env:', from('environment')),
    ...section('Of .env:', from('.env')),
    ...section(
      'What others imply:',
      settings
        .filter(follows)
        .map((setting) => ({ ...setting, text: following.get(setting.variable) ?? '' })),
    ),
    ...section('Defaults:', from('default')),
  ].join('\n');
}

function section(title: string, settings: readonly Setting[]): string[] {
  if (settings.length === 0) return [];
  const hideOf = new Map(listOptions().map(({ variable, type }) => [variable, type.hide]));
  const lines = settings.map(({ variable, text }) => {
    const shown = hideOf.get(variable)?.(text) ?? text;
    return `${variable}=${quoted(shown)}`;
  });
  return ['', `# ${title}`, ...lines];
}

/** What counts other than it is written: a default that hangs on another option, a value that one bounds. */
function textsThatFollow({ feed, heartbeatMs }: Config): ReadonlyMap<string, string> {
  return new Map([
    ['FEED', feed],
    ['HEARTBEAT', String(heartbeatMs / 1000)],
  ]);
}

/** As a line of `.env` has it, whose quotes know no escapes, and so that a shell reads the same. */
function quoted(text: string): string {
  if (/^[\w.,:;/@+=?%{}[\]~^*-]*$/.test(text)) return text;
  const mark = ["'", '`', '"'].find((candidate) => !text.includes(candidate)) ?? '';
  return `${mark}${text}${mark}`;
}
