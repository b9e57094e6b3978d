import type { Verb } from '../definition.ts';
import { callCheck } from './verbs/call.ts';
import { emitCheck } from './verbs/emit.ts';
import { ifCheck } from './verbs/if.ts';
import { parallelCheck } from './verbs/parallel.ts';
import { setCheck } from './verbs/set.ts';
import type { VerbCheck } from './verbs/verb-check.ts';
import { waitCheck } from './verbs/wait.ts';

/** Every verb of this version. */
export const verbChecks: Readonly<Record<Verb, VerbCheck>> = {
  call: callCheck,
  emit: emitCheck,
  wait: waitCheck,
  set: setCheck,
  parallel: parallelCheck,
  if: ifCheck,
};
