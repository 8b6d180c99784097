/** What a load has left behind: when all are gone, there is to be as much as before they came. */

import { figuresOf, inUnits, shortSeconds } from './figures.ts';
import type { Inventory } from './soaked-server.ts';

/** Of each kind of object. */
const mostOfKind = 12;
/** Of what everything consists of. */
const mostOfCommonKind = 30;
const commonKinds = new Set([
  '',
  'Object',
  'Array',
  'Function',
  'AsyncFunction',
  'Promise',
  'Buffer',
  'Map',
  'Set',
]);

/** Node keeps those of as many connections as there were at once. */
const pooledKinds = new Set(['HTTPParser']);

/** After a short run the server still remembers how sessions ended. */
const shortFactor = 5;

/**
 * In words; empty if nothing is kept.
 * @param seconds how long the load was
 */
export function keptOf(seconds: number, before: Inventory, after: Inventory): string[] {
  const factor = seconds < shortSeconds ? shortFactor : 1;
  const counts = figuresOf(seconds).flatMap((figure) => {
    const kept = after[figure.key] - before[figure.key];
    return kept > figure.mostKept ? [moreThanBefore(figure.name, inUnits(kept, figure))] : [];
  });
  const kinds = Object.entries(after.kinds).flatMap(([kind, count]) => {
    if (pooledKinds.has(kind)) return [];
    const kept = count - (before.kinds[kind] ?? 0);
    const most = commonKinds.has(kind) ? mostOfCommonKind : mostOfKind;
    return kept > factor * most ? [moreThanBefore(`objects of ${kind || 'no kind'}`, `${kept}`)] : [];
  });
  return [...counts, ...kinds];
}

function moreThanBefore(what: string, kept: string): string {
  return `${what}: ${kept} more than before the load`;
}
