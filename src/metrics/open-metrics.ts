/**
 * The text of Prometheus as OpenMetrics 1.0: a counter's family is named without `_total`, bounds are written as floats, and
 * the text says where it ends. prom-client can write it too, but by renaming its metrics for whoever asks next.
 */

export const openMetricsType = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

const heading = /^# (HELP|TYPE) (\S+)_total /;
const wholeBound = /^(\w+_bucket\{(?:.*,)?le="\d+)"/;

/** Whether somebody would rather have it: Prometheus lists it first, with the highest weight. */
export function wantsOpenMetrics(accept = ''): boolean {
  let [open, plain] = [0, 0];
  for (const range of accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const weight = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1);
    const isOtherVersion = parameters.some((parameter) =>
      /^version=(?!1\.0\.0$|0\.0\.[14]$)/.test(parameter),
    );
    if (!(weight > 0) || isOtherVersion) continue;
    if (type === 'application/openmetrics-text') open = Math.max(open, weight);
    else if (type === 'text/plain') plain = Math.max(plain, weight);
  }
  return open > plain || (open > 0 && open === plain);
}

export function toOpenMetrics(text: string): string {
  const lines = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(heading, '# $1 $2 ').replace(wholeBound, '$1.0"'));
  return `${lines.join('\n')}\n# EOF\n`;
}
