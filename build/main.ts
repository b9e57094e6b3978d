import { buildPackage } from './build-package.ts';

/** `npm run build`: compiles the package into `dist/`. `npm ci` runs it too. */
const startedAt = performance.now();
await buildPackage();
process.stdout.write(`Built dist/ in ${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`);
