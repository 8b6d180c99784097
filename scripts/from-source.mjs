/** `node --import ./scripts/from-source.mjs FILE.ts` runs TypeScript as it is, in threads too: they inherit the option. */
import { register } from 'tsx/esm/api';

register();
