import type { components } from '../../../../cli/api-types.ts';
import type { DefinitionGraph } from '../../../../authoring/definition-graph.ts';
import type { Finding } from '../../../../language/finding.ts';
import type { CanonicalEvent } from '../../../../language/event.ts';
import type { Definition } from '../../../../language/definition.ts';
import type { Coverage, StepCoverage } from '../../../../simulator/definition-tests/coverage.ts';
import type { Simulation } from '../../../../simulator/simulation.ts';
import type { WhatIf } from '../../../../simulator/what-if/what-if.ts';
import type { StoredEvent } from '../../../../simulator/what-if/what-if.ts';

export type Bench = components['schemas']['Workbench'];

/** What the worker is asked, by its kind. Everything is JSON. */
export interface Questions {
  /** Comes first, and whenever the server serves something else. */
  bench: Bench;
  check: { text: string };
  format: { text: string };
  simulate: {
    text: string;
    /** Null: it is made up to fit the trigger. */
    event: unknown;
    /** JSON of what steps are answered, and of what happens later. */
    answers: string;
    later: string;
  };
  /** `tests` is the text of a test file. */
  test: { text: string; tests: string };
  whatIf: { text: string; served: Definition | null; events: (StoredEvent | string)[] };
}

export interface Answers {
  bench: null;
  check: Checked;
  format: string | null;
  simulate: Simulated;
  test: Tested;
  whatIf: WhatIf | null;
}

/** What the checker says. */
export interface Checked {
  findings: Finding[];
  /** Null: it has mistakes. */
  definition: Definition | null;
  graph: DefinitionGraph | null;
}

export type Simulated =
  /** `where` has a mistake, so nothing was simulated. */
  | { kind: 'mistakes'; where: 'draft' | 'event' | 'answers' | 'later'; findings: Finding[] }
  | {
      kind: 'ran' | 'not-triggered';
      event: CanonicalEvent;
      filled: string[];
      because: string;
      simulation: Simulation | null;
    };

export type Tested =
  /** `where` has a mistake, so no test ran. */
  | { kind: 'mistakes'; where: 'draft' | 'tests'; findings: Finding[] }
  | { kind: 'ran'; results: TestOutcome[]; coverage: Coverage; steps: StepCoverage[] };

export interface TestOutcome {
  name: string;
  /** As `kait test` prints them. Empty: it passes. */
  differences: string[];
  /** How the run ended, and after how long. Null: the event started none. */
  end: { status: Simulation['status']; after: string; steps: number; isCutOff: boolean } | null;
}

export type Kind = keyof Questions;

export interface Question<Asked extends Kind = Kind> {
  id: number;
  kind: Asked;
  what: Questions[Asked];
}

export type Reply = { id: number; answer: unknown } | { id: number; error: string };

/** Longer traces are cut before they are sent: nobody reads them, and the page would not survive. */
export const longestTrace = 2_000;
