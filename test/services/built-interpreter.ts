import { packagePath } from '../../package-path.ts';

/** The interpreter's bundle as it is installed. The run of the tests has built it: bundling takes seconds, and every file with a worker needs it. */
export const builtInterpreter = { codePath: packagePath('dist', 'workflows.js') };
