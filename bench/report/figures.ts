/** What figures are called and how they are written. */

import { type Measurement, spreadOf } from '../results.ts';

export interface FigureText {
  readonly title: string;
  readonly unit: string;
  readonly digits: number;
  /** What the unit is of what was measured: 100 for per cent. */
  readonly factor?: number;
}

const figureTexts: Readonly<Record<string, FigureText>> = {
  deliveriesPerSecond: { title: 'deliveries/s', unit: '', digits: 0 },
  messagesPerSecond: { title: 'messages/s', unit: '', digits: 0 },
  p50: { title: 'p50', unit: 'ms', digits: 1 },
  p99: { title: 'p99', unit: 'ms', digits: 1 },
  sendP50: { title: 'p50 of sends', unit: 'ms', digits: 1 },
  sendP99: { title: 'p99 of sends', unit: 'ms', digits: 1 },
  serverCpu: { title: 'server CPU', unit: '%', digits: 0, factor: 100 },
  quietSendP50: { title: 'p50 of sends, quiet', unit: 'ms', digits: 1 },
  quietSendP99: { title: 'p99, quiet', unit: 'ms', digits: 1 },
  storeCpu: { title: 'Redis CPU', unit: '%', digits: 0, factor: 100 },
  storeCpuPerMessage: { title: 'Redis CPU per message', unit: 'µs', digits: 1 },
  restServerCpu: { title: 'server CPU, at rest', unit: '%', digits: 2, factor: 100 },
  restStoreCpu: { title: 'Redis CPU, at rest', unit: '%', digits: 2, factor: 100 },
  quietServerCpu: { title: 'server CPU, quiet', unit: '%', digits: 1, factor: 100 },
  quietStoreCpuPerMessage: { title: 'Redis CPU per message, quiet', unit: 'µs', digits: 0 },
  steadyStoreCpuPerMessage: { title: 'Redis CPU per message, steady', unit: 'µs', digits: 0 },
  steadyServerCpuPerMessage: { title: 'server CPU per message, steady', unit: 'µs', digits: 0 },
  generatorCpu: { title: 'load CPU', unit: '%', digits: 0, factor: 100 },
  readsPerSecond: { title: 'socket writes/s', unit: '', digits: 0 },
  cpuPerRead: { title: 'CPU per socket write', unit: 'µs', digits: 2 },
  cpuPerDelivery: { title: 'CPU per delivery', unit: 'µs', digits: 3 },
  cpuPerMessage: { title: 'CPU per message', unit: 'µs', digits: 1 },
  rssMb: { title: 'RSS', unit: 'MB', digits: 0 },
  unsaid: { title: 'not said in time', unit: '', digits: 0 },
  highestRate: { title: 'highest rate', unit: 'messages/s', digits: 0 },
  pollsPerSecond: { title: 'polls/s', unit: '', digits: 0 },
  cpuPerPoll: { title: 'CPU per poll', unit: 'µs', digits: 1 },
  rssPerStream: { title: 'RSS per stream', unit: 'kB', digits: 1 },
  heapPerStream: { title: 'of it heap', unit: 'kB', digits: 1 },
  allBackSeconds: { title: 'all back after', unit: 's', digits: 2 },
  halfBackSeconds: { title: 'half back after', unit: 's', digits: 2 },
  refusals: { title: 'refused at first', unit: '', digits: 0 },
  turnP50: { title: 'turn of the loop p50', unit: 'ms', digits: 1 },
  turnP99: { title: 'turn of the loop p99', unit: 'ms', digits: 1 },
  turnMax: { title: 'longest turn', unit: 'ms', digits: 1 },
  sweepP50: { title: 'sweep p50', unit: 'ms', digits: 3 },
  sweepP99: { title: 'sweep p99', unit: 'ms', digits: 3 },
  sweepMax: { title: 'longest sweep', unit: 'ms', digits: 3 },
  sendsPerSecond: { title: 'acknowledged sends/s', unit: '', digits: 0 },
  fileMb: { title: 'file per 100,000 messages', unit: 'MB', digits: 1 },
  rssPerSession: { title: 'RSS per pull session', unit: 'kB', digits: 2 },
  heapPerSession: { title: 'of it heap', unit: 'kB', digits: 2 },
  firstLoadKb: { title: 'loaded', unit: 'kB', digits: 1 },
  interactiveMs: { title: 'interactive after', unit: 'ms', digits: 0 },
  requests: { title: 'requests', unit: '', digits: 0 },
  fillMs: { title: 'filled after', unit: 'ms', digits: 0 },
  wheelP95: { title: 'frame p95, wheel', unit: 'ms', digits: 1 },
  wheelMax: { title: 'longest', unit: 'ms', digits: 0 },
  keysP95: { title: 'frame p95, keys', unit: 'ms', digits: 1 },
  keysMax: { title: 'longest', unit: 'ms', digits: 0 },
  heapMb: { title: 'JavaScript heap', unit: 'MB', digits: 1 },
  othersCpu: { title: 'CPU of others', unit: '%', digits: 0, factor: 100 },
  messagesPerRead: { title: 'messages per socket write', unit: '', digits: 2 },
};

/** A contender's median of a figure, with the least and the most in brackets; a dash if there is none. */
export function spreadText(
  measurements: readonly Measurement[],
  caseName: string,
  contender: string,
  figure: string,
): string {
  const spread = spreadOf(measurements, caseName, contender, figure);
  if (!spread) return '–';
  const { median, least, most } = spread;
  const range = least === most ? '' : ` (${figureText(figure, least)}–${figureText(figure, most)})`;
  return figureText(figure, median) + range;
}

/** A figure with its unit. */
export function figureText(figure: string, value: number): string {
  const { unit, digits, factor = 1 } = figureTexts[figure] ?? { unit: '', digits: 2 };
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return `${(value * factor).toLocaleString('en', options)}${unit === '' ? '' : ` ${unit}`}`;
}

export function figureTitle(figure: string): string {
  return figureTexts[figure]?.title ?? figure;
}
