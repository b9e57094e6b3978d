import { build, type Plugin, transformWithOxc } from 'vite';
import { compressConsole } from './compress-console.ts';
import { packagePath } from '../package-path.ts';

/**
 * Builds the console from `console/` into `dist/console/`: an `index.html` without any inline script or style, and assets whose names change with
 * their content. What only some pages need becomes chunks of its own.
 */
export async function buildConsole(): Promise<void> {
  const folder = packagePath('dist', 'console');
  await build({
    configFile: false,
    root: packagePath('console'),
    logLevel: 'warn',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    resolve: {
      alias: {
        'node:async_hooks': packagePath('console', 'pages', 'playground', 'worker', 'async-local-storage.ts'),
        'node:timers/promises': packagePath('console', 'pages', 'playground', 'worker', 'timers.ts'),
      },
    },
    worker: { format: 'es', plugins: () => [followedAwaits()] },
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: 'es2022',
      // The first that know light-dark(), which every colour is made of.
      cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
      // The policy of the page forbids `data:` for all but images.
      assetsInlineLimit: 0,
      // It would need an inline script, and every browser that runs the console has it.
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      // A busy machine is no reason to warn.
      rolldownOptions: { checks: { bundlerTimings: false } },
    },
  });
  await compressConsole(folder);
}

/**
 * Turns each `await` of the simulator and the interpreter into a call of `then`, which the worker of the playground can follow. See
 * `console/pages/playground/worker/async-local-storage.ts`.
 */
function followedAwaits(): Plugin {
  return {
    name: 'kait:followed-awaits',
    enforce: 'post',
    transform: {
      filter: { id: /\/(?:simulator|workflows)\/[^?]*\.ts$/ },
      handler: async (code, id) => ({
        code: (await transformWithOxc(code, id, { lang: 'js', target: 'es2016' })).code,
        map: null,
      }),
    },
  };
}
