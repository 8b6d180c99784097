/**
 * Runs knip, which finds files, exports and packages that nothing uses. It works on the programming interface of TypeScript,
 * which TypeScript 7 has no more: it is given the one that @arethetypeswrong/core brings along.
 */
import { createRequire, register } from 'node:module';
import { pathToFileURL } from 'node:url';

const typescript = createRequire(import.meta.resolve('@arethetypeswrong/core')).resolve('typescript');
const hook = `export const resolve = (specifier, context, next) =>
  specifier === 'typescript' ? next(${JSON.stringify(pathToFileURL(typescript).href)}, context) : next(specifier, context);`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);

// Not an export of the package.
await import(new URL('../bin/knip.js', import.meta.resolve('knip')).href);
