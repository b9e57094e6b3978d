/** `kait/testing`: for the tests of a project, with any test runner. */
export { expectOnce } from '../testing/expect-once.ts';
export type { ExpectOnceOptions, Once } from '../testing/expect-once.ts';
export type { ReceivedRequest, ReceiverAnswer, Receivers } from '../testing/received-request.ts';
export { runDefinition } from '../testing/run-definition.ts';
export type { DefinitionRun, RunDefinitionOptions } from '../testing/run-definition.ts';
