import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Costs, hearing, oneRoom, planFor, planWith, renderPlans } from '../../bench/report/scale.ts';
import { page } from '../support/readme.ts';

const text = page('docs/scale.md');
const habits = { members: 100, pauseSeconds: 300, kept: 1_000 };

function section(name: string): string {
  const [, found] = new RegExp(`<!-- ${name} -->\\n([\\s\\S]*?)<!-- /${name} -->`).exec(text) ?? [];
  assert.ok(found !== undefined, name);
  return found.trim();
}

const costs = Object.fromEntries(
  [...section('costs').matchAll(/\| `(\w+)` \| ([\d.]+) (?:µs|bytes) \|/g)].map(([, name, value]) => [
    name,
    Number(value),
  ]),
) as unknown as Costs;

test('what so many clients need is reckoned from the costs that the page names', () => {
  const plans = [10_000, 100_000, 1_000_000, 10_000_000].map((clients) => planFor(clients, costs, habits));
  assert.equal(section('plans'), renderPlans(plans));
});

test('no core is used by more than half, and one system less would not do', () => {
  for (const clients of [10_000, 1_000_000, 10_000_000]) {
    const plan = planFor(clients, costs, habits);
    assert.ok(plan.storeCpu <= 0.5 && plan.instanceCpu <= 0.5);
    if (plan.systems > 1) assert.ok(planWith(plan.systems - 1, clients, costs, habits).storeCpu > 0.5);
  }
  assert.equal(hearing(1, 100), 1);
  assert.ok(hearing(50, 100) > 40 && hearing(50, 100) < 50);
});

test('the errors against what was measured are as the page says', () => {
  const rows = section('measured').split('\n').slice(2);
  assert.ok(rows.length >= 3);
  for (const row of rows) {
    const cells = row.split('|').map((cell) => Number.parseFloat(cell));
    const [, instances = 0, model, measured = 0, error, store] = cells;
    const reckoned = oneRoom(1_000, 20, instances, costs);
    assert.equal(model, percent(reckoned.instances));
    assert.equal(error, Math.round((reckoned.instances / (measured / 100) - 1) * 100));
    assert.equal(store, percent(reckoned.store));
  }
});

function percent(value: number): number {
  return Math.round(value * 1_000) / 10;
}
