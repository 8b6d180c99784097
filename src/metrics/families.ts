/**
 * The one table of what is counted and how it is called on the wire: names in base units, counters ending in `_total`. What is
 * measured in buckets stands in `histograms.ts`.
 */

import { deliveryFamilies } from './families/delivery.ts';
import type { Family } from './families/family.ts';
import { presenceFamilies } from './families/presence.ts';
import { processFamilies } from './families/process.ts';
import { sessionFamilies } from './families/sessions.ts';
import { storeFamilies } from './families/store.ts';

export const families: readonly Family[] = [
  ...presenceFamilies,
  ...deliveryFamilies,
  ...sessionFamilies,
  ...storeFamilies,
  ...processFamilies,
];
