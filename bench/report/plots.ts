/** The plots of the report, as SVG. */

import * as echarts from 'echarts';
import { contendersOf, type Measurement, spreadOf } from '../results.ts';

export interface Plot {
  /** Of its file. */
  readonly name: string;
  readonly title: string;
  readonly svg: string;
}

const size = { width: 800, height: 420 };
// Those that the colour-blind can tell apart as well (Okabe and Ito).
const colours = ['#d55e00', '#e69f00', '#0072b2', '#009e73', '#cc79a7', '#56b4e9', '#000000'];
const rateFigure = /^p99At(\d+)$/;
// A step that was too much has a p99 that says only that.
const mostMs = 1_000;

type Point = readonly [x: number, y: number];
type Series = ReadonlyMap<string, readonly Point[]>;

/** Those that there are figures for. */
export function drawPlots(measurements: readonly Measurement[]): Plot[] {
  return [deliveriesByStreams(measurements), p99ByRate(measurements), memoryPerStream(measurements)].flatMap(
    (plot) => plot ?? [],
  );
}

function deliveriesByStreams(all: readonly Measurement[]): Plot | undefined {
  const series = new Map<string, Point[]>();
  const names = new Set(all.map((each) => each.case).filter((name) => name.startsWith('closed-loop-')));
  for (const name of names) {
    for (const contender of contendersOf(all, name)) {
      const streams = spreadOf(all, name, contender, 'streams')?.median;
      const deliveries = spreadOf(all, name, contender, 'deliveriesPerSecond')?.median;
      if (!streams || !deliveries) continue;
      series.set(contender, [...(series.get(contender) ?? []), [streams, deliveries]]);
    }
  }
  // A single point is in the table.
  for (const [contender, points] of series) if (points.length < 2) series.delete(contender);
  return lines('deliveries-by-streams', 'Deliveries per second, in closed loop', series, {
    x: 'streams',
    y: 'deliveries/s',
  });
}

function p99ByRate(all: readonly Measurement[]): Plot | undefined {
  const series = new Map<string, Point[]>();
  const name = 'open-loop-1000';
  for (const contender of contendersOf(all, name)) {
    const runs = all.filter((each) => each.case === name && each.contender === contender);
    const figures = new Set(runs.flatMap((run) => Object.keys(run.figures)));
    const points = [...figures].flatMap((figure): Point[] => {
      const [, rate] = rateFigure.exec(figure) ?? [];
      const p99 = spreadOf(all, name, contender, figure)?.median;
      return rate && p99 && p99 <= mostMs ? [[Number(rate), p99]] : [];
    });
    if (points.length > 0) series.set(contender, points);
  }
  return lines('p99-by-rate', '99th percentile, 1,000 streams in open loop', series, {
    x: 'messages/s',
    y: 'ms',
  });
}

function lines(
  name: string,
  title: string,
  series: Series,
  units: { readonly x: string; readonly y: string },
): Plot | undefined {
  if (series.size === 0) return undefined;
  return render(name, title, {
    xAxis: { type: 'log', name: units.x, nameLocation: 'middle', nameGap: 28, min: 'dataMin' },
    yAxis: { type: 'log', name: units.y },
    series: [...series].map(([contender, points]) => ({
      type: 'line',
      name: contender,
      symbolSize: 6,
      data: points.toSorted(([a], [b]) => a - b).map(([x, y]) => [x, y]),
    })),
  });
}

function memoryPerStream(all: readonly Measurement[]): Plot | undefined {
  const counts = [1_000, 10_000].map((count) => ({ count, name: `idle-streams-${count}` }));
  const contenders = [...new Set(counts.flatMap(({ name }) => contendersOf(all, name)))];
  if (contenders.length === 0) return undefined;
  return render('memory-per-stream', 'RSS of an idle stream', {
    xAxis: { type: 'category', data: contenders, axisLabel: { interval: 0, width: 84, overflow: 'break' } },
    yAxis: { type: 'value', name: 'kB' },
    series: counts.map(({ count, name }) => ({
      type: 'bar',
      name: `${count.toLocaleString('en')} streams`,
      data: contenders.map((contender) => {
        const kilobytes = spreadOf(all, name, contender, 'rssPerStream')?.median;
        return kilobytes === undefined ? null : Number(kilobytes.toFixed(2));
      }),
    })),
  });
}

function render(name: string, title: string, option: echarts.EChartsOption): Plot {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, ...size });
  chart.setOption({
    animation: false,
    color: colours,
    // Readable on a dark page as well.
    backgroundColor: '#ffffff',
    title: { text: title, left: 'center' },
    legend: { bottom: 0, itemGap: 28 },
    grid: { left: 80, right: 40, top: 60, bottom: 90 },
    ...option,
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return { name, title, svg };
}
