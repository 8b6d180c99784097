/** The text of `docs/benchmarks.md`. */

import type { BenchCase } from '../cases/bench-case.ts';
import type { ProfileFindings } from '../profile/findings.ts';
import { contendersOf, isUndisturbed, type Measurement, type Results, tolerableOthers } from '../results.ts';
import { figureTitle, spreadText } from './figures.ts';
import type { Plot } from './plots.ts';
import { profileSection } from './profile-section.ts';
import { ratioLine } from './ratios.ts';
import { targets } from './targets.ts';

export interface PageParts {
  readonly results: readonly Results[];
  readonly cases: readonly BenchCase[];
  readonly plots: readonly Plot[];
  readonly findings: ProfileFindings | undefined;
}

export function renderPage({ results, cases, plots, findings }: PageParts): string {
  const measurements = results.flatMap((each) => each.measurements);
  const sections = [
    introduction,
    targetsSection(measurements),
    readingSection,
    `## The machine\n\n${machineList(results)}`,
    plotsSection(plots),
    ...cases.flatMap((each) => caseSection(each, measurements)),
    ...(findings ? [profileSection(findings)] : []),
    thrownAwaySection(results),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

const introduction = `# Benchmarks

What Parlor does, beside what others do on the same machine in the same run. \`npm run bench\` measures all of it and writes
this page, \`npm run bench -- NAME …\` measures some cases, and \`npm run bench -- --report\` writes the page again from what was
measured last. It takes two cores for itself and some 35 minutes. How it works stands in
[bench/README.md](../bench/README.md).

Parlor is measured as it is run: its own process, the public HTTP API, everything validated, and every message on the disk
(\`STORE_SYNCHRONOUS=full\`) before it is acknowledged. Only the limits on what one client may do are lifted, as all of the
load comes from one address. None of the baselines stores anything, knows sessions or lets a stream resume, but for nchan,
which keeps messages in memory.`;

function targetsSection(measurements: readonly Measurement[]): string {
  const misses: string[] = [];
  const rows = targets.map(({ work, target, caseName, measure, ifMissed }) => {
    const reached = measure(measurements);
    if (!reached) return `| ${work} | ${target} | not measured | – |`;
    if (!reached.isHit && ifMissed) misses.push(`- **${work}**: ${ifMissed}`);
    const verdict = reached.isHit ? 'hit' : '**missed**';
    const isDisturbed = alwaysDisturbed(measurements, caseName).length > 0;
    return `| ${work} | ${target} | ${reached.value} | ${verdict}${isDisturbed ? ', on a busy machine' : ''} |`;
  });
  const table = ['| work | target | measured | |', '|---|---|---|---|', ...rows].join('\n');
  const why = misses.length > 0 ? `\n\nWhy some were missed:\n\n${misses.join('\n')}` : '';
  return `## Targets\n\nMedians; ratios are within one case. What was measured on a busy machine says little, and has to be measured again.\n\n${table}${why}`;
}

const readingSection = `## How to read this

- **Ratios carry over to other machines, figures do not.** Compare only what stands in one table: its runs took turns, each
  with a fresh server and a fresh load generator. A ratio that is smaller than the spread in brackets says nothing.
- **Deliveries per second in closed loop grow with waiting.** A publisher says its next message when the one before is
  acknowledged, so the figure depends on how many publishers there are, and on how much a server gathers before it writes.
  Read it with the number of publishers and the p99 beside it. A server that acknowledges late does not look bad here.
- **In open loop a message counts from when it was due**, whether the server was ready for it or not. That is what people
  notice. p99 is over all deliveries to all streams.
- **Every run proved that each stream got every message once and in order**: the load generator compares all streams of a room
  byte for byte, and reads in one of them who said what. A run that fails this is thrown away.
- "Socket writes" are counted as reads of the load generator; it may find two writes in one read.
- The load generator is one process on a core of its own. Where it is busier than the server, the server could have done
  more; then its share of CPU says so.
- All goes over the loopback interface. A network card costs more in the kernel, for everybody.`;

function machineList(results: readonly Results[]): string {
  const values = new Map<string, Set<string>>();
  for (const { machine } of results) {
    for (const [what, value] of Object.entries(machine)) {
      values.set(what, (values.get(what) ?? new Set()).add(value));
    }
  }
  return [...values].map(([what, texts]) => `- ${what}: ${[...texts].join('; ')}`).join('\n');
}

function plotsSection(plots: readonly Plot[]): string {
  return plots.map(({ name, title }) => `![${title}](benchmarks/${name}.svg)`).join('\n\n');
}

function caseSection(each: BenchCase, measurements: readonly Measurement[]): string[] {
  const { name, loads, shows, reading } = each;
  const contenders = contendersOf(measurements, name);
  if (contenders.length === 0) return [];
  const rows = contenders.map((contender) => [
    contender,
    ...shows.map((figure) => spreadText(measurements, name, contender, figure)),
  ]);
  const lines = [['', ...shows.map(figureTitle)], ['---', ...shows.map(() => '--:')], ...rows];
  const table = lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  const ratios = ratioLine(each, measurements);
  const parts = [
    `## ${name}`,
    `${capitalised(loads)}.`,
    table,
    capitalised(ratios),
    reading,
    disturbedText(
      measurements.filter((run) => run.case === name),
      alwaysDisturbed(measurements, name),
    ),
  ];
  return [parts.filter((part) => part !== '').join('\n\n')];
}

/** The contenders of a case beside all of whose runs the machine was busy. */
function alwaysDisturbed(measurements: readonly Measurement[], caseName: string): string[] {
  const runs = measurements.filter((run) => run.case === caseName);
  return contendersOf(measurements, caseName).filter(
    (contender) => !runs.some((run) => run.contender === contender && isUndisturbed(run)),
  );
}

function disturbedText(runs: readonly Measurement[], only: readonly string[]): string {
  const disturbed = runs.filter((run) => !isUndisturbed(run));
  if (disturbed.length === 0) return '';
  const rest =
    only.length === 0
      ? 'They are left out.'
      : `They are left out, but for ${only.join(', ')}: there were no others.`;
  const least = `${tolerableOthers * 100} % of a core`;
  return `In ${disturbed.length} of ${runs.length} runs something else used more than ${least}. ${rest}`;
}

function thrownAwaySection(results: readonly Results[]): string {
  const lines = results.flatMap(({ thrownAway }) => thrownAway.map((line) => `- ${line}`));
  return lines.length === 0 ? '' : `## Runs that were thrown away\n\n${lines.join('\n')}`;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
