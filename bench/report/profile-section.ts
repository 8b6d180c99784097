/** What a profile found, as a section of the report. */

import type { LoadFindings, ProfileFindings, Shares } from '../profile/findings.ts';
import { figureText } from './figures.ts';

export function profileSection({ loads }: ProfileFindings): string {
  return `## Where the time of a delivery goes

From \`npm run bench:profile\`. Shares are of the main thread's time while it is not idle.

Most of it is the kernel's: one system call for each stream and pass, which also does the work of the receiving end, as
both are on this machine. How many messages are in it hardly matters, so what makes deliveries cheap is to gather them. Next
come Parlor's own loop over the streams and what \`socket.write\` does around that call in Node's JavaScript; encoding is
done once and does not show. The store has a thread of its own. Profilers slow what they watch: shares are what counts here.

${loads.map(loadSection).join('\n\n')}`;
}

function loadSection(found: LoadFindings): string {
  const { load, deliveriesPerSecond, messagesPerRead, p99, cpuPerDelivery } = found;
  const figures = [
    `${figureText('deliveriesPerSecond', deliveriesPerSecond)} deliveries/s`,
    `${figureText('messagesPerRead', messagesPerRead)} messages per socket write`,
    `p99 ${figureText('p99', p99)}`,
    `${figureText('cpuPerDelivery', cpuPerDelivery)} of CPU per delivery`,
  ];
  return [
    `### ${load}\n\n${figures.join(', ')}.`,
    threadTable(found),
    shareTable("V8's profiler: in whose code", found.sampled),
    shareTable('perf: in which layer', found.layers),
    shareTable('perf: the hottest symbols', found.symbols),
    shareTable('The hottest functions, as shares of all JavaScript', found.functions),
    callTable(found),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function threadTable({ threads }: LoadFindings): string {
  if (!threads) return '';
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  const rows = threads.map(
    ({ thread, user, system }) => `| ${thread} | ${percent(user)} | ${percent(system)} |`,
  );
  return ['| of a core | user | kernel |', '|---|--:|--:|', ...rows].join('\n');
}

function shareTable(title: string, shares: Shares | undefined): string {
  if (!shares || shares.length === 0) return '';
  const rows = shares.map(({ what, share }) => `| ${escaped(what)} | ${(share * 100).toFixed(1)} % |`);
  return [`| ${title} | |`, '|---|--:|', ...rows].join('\n');
}

function callTable({ calls, deliveriesPerSecond }: LoadFindings): string {
  if (!calls) return '';
  const rows = calls.map(({ name, perSecond }) => {
    const each = deliveriesPerSecond === 0 ? 0 : (perSecond / deliveriesPerSecond) * 1000;
    return `| ${name} | ${perSecond.toFixed(0)} | ${each.toFixed(1)} |`;
  });
  return [
    '| system calls, under strace | per second | per 1,000 deliveries |',
    '|---|--:|--:|',
    ...rows,
  ].join('\n');
}

/** Names of C++ have what Markdown and HTML would take for theirs. */
function escaped(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('*', '\\*');
}
