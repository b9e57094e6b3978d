import type { Verb } from '../definition.ts';
import { approveCheck } from './verbs/approve.ts';
import { callCheck } from './verbs/call.ts';
import { doCheck } from './verbs/do.ts';
import { emitCheck } from './verbs/emit.ts';
import { failCheck } from './verbs/fail.ts';
import { forEachCheck } from './verbs/for-each.ts';
import { httpCheck } from './verbs/http.ts';
import { ifCheck } from './verbs/if.ts';
import { parallelCheck } from './verbs/parallel.ts';
import { runCheck } from './verbs/run.ts';
import { setCheck } from './verbs/set.ts';
import { stopCheck } from './verbs/stop.ts';
import { switchCheck } from './verbs/switch.ts';
import { tryCheck } from './verbs/try.ts';
import type { VerbCheck } from './verbs/verb-check.ts';
import { waitForCheck } from './verbs/wait-for.ts';
import { waitCheck } from './verbs/wait.ts';
import { whileCheck } from './verbs/while.ts';

/** Every verb, in the order of the reference. */
export const verbChecks: Readonly<Record<Verb, VerbCheck>> = {
  call: callCheck,
  http: httpCheck,
  emit: emitCheck,
  wait: waitCheck,
  waitFor: waitForCheck,
  approve: approveCheck,
  parallel: parallelCheck,
  forEach: forEachCheck,
  while: whileCheck,
  if: ifCheck,
  switch: switchCheck,
  try: tryCheck,
  do: doCheck,
  run: runCheck,
  set: setCheck,
  stop: stopCheck,
  fail: failCheck,
};
