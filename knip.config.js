/**
 * `npm run lint` runs knip twice. `knip` finds files, exports and dependencies that nothing uses. `knip --production` starts
 * at the entries marked `!` only, and so finds code that only tests and benchmarks use.
 *
 * @param {{ production?: boolean }} commandLine
 * @returns {import('knip').KnipConfiguration}
 */
export default ({ production = false }) => ({
  entry: [
    'cli/main.ts!', // What bin/kait.js imports is built from it.
    'embedded/download-with-sdk.ts!', // Likewise a program of its own.
    'storage/pglite/pglite-thread.ts!', // Likewise, of a thread.
    'api/{index,testing}.ts!', // The public modules are for projects.
    'build/main.ts!', // `npm ci` runs it.
    'console/main.tsx!', // The page loads it.
    'console/pages/playground/worker/{async-local-storage,timers}.ts!', // The build puts them in the place of Node's modules.
    'workflows/interpret.ts!', // Temporal bundles it from its path.
    'workflows/payload-converter.ts!', // Likewise.
    'workflows/external-headers.ts!', // Likewise.
    'workflows/no-stack-traces.ts!', // Likewise.
    'docs/main.ts!', // The reference is part of what is published.
    'bench/receiving/bare-route.ts', // Runs in a process of its own, started by its name.
    'test/chaos/effects/killed-process.ts', // Likewise.
    'bench/running/hand-written-workflow.ts', // Temporal bundles it from its path.
  ],
  ignoreBinaries: ['mkfifo', 'script'], // Parts of every Unix.
  ignore: ['cli/api-types.ts'], // Generated.
  project: ['**/*.{ts,tsx,js}!', '!test/cli/mistakes/**', '!{test,bench}/**!', '!*.config.{ts,js}!'],
  // A test may import a part of a file, so in production an export counts as used if its own file uses it. Otherwise only
  // types do: those in the signature of an exported function are exported for its callers.
  ignoreExportsUsedInFile: production || { interface: true, type: true },
});
