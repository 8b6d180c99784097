import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toOpenMetrics, wantsOpenMetrics } from '../../src/metrics/open-metrics.ts';

test('the text of Prometheus is made into OpenMetrics: families without _total, bounds as floats, an end', () => {
  const text = `# HELP a_total Things_total of le="1".
# TYPE a_total counter
a_total{x="y"} 3

# HELP h Sizes.
# TYPE h histogram
h_bucket{le="1"} 2
h_bucket{le="2.5"} 2
h_bucket{le="+Inf"} 2
h_sum 2
h_count 2
`;
  assert.equal(
    toOpenMetrics(text),
    `# HELP a Things_total of le="1".
# TYPE a counter
a_total{x="y"} 3
# HELP h Sizes.
# TYPE h histogram
h_bucket{le="1.0"} 2
h_bucket{le="2.5"} 2
h_bucket{le="+Inf"} 2
h_sum 2
h_count 2
# EOF
`,
  );
});

test('OpenMetrics is given to whoever would rather have it', () => {
  for (const [accept, wants] of [
    [undefined, false],
    ['*/*', false],
    ['text/plain', false],
    ['application/openmetrics-text', true],
    [
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      true,
    ],
    ['text/plain;version=0.0.4;q=0.9, application/openmetrics-text; version=1.0.0; q=0.2', false],
    ['application/openmetrics-text;q=0', false],
    ['application/openmetrics-text;version=2.0.0', false],
  ] as const) {
    assert.equal(wantsOpenMetrics(accept), wants, accept);
  }
});
