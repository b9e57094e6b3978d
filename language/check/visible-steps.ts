import type { JsonShape } from './json-shape.ts';

/** Whether a step that ends before this point has surely run, or may have been skipped, have failed or been canceled. */
export type Certainty = 'always' | 'sometimes';

export interface VisibleStep {
  certainty: Certainty;
  /** Undefined: it may be anything. */
  output: JsonShape | undefined;
  /** Whether its output is null where nothing came in time. */
  timesOut?: boolean;
}

/** The steps that a point of the definition sees, by id. Never changed. */
export interface VisibleSteps {
  get(id: string): VisibleStep | undefined;
  entries(): [string, VisibleStep][];
  /** With one more, or another one in its place. */
  with(id: string, step: VisibleStep): VisibleSteps;
}

export const noSteps: VisibleSteps = layered([]);

/** Of a long list each step makes a new one, so most of it is shared: a copy for each of 500 steps would take most of the check. */
const mostInLayer = 32;

function layered(layers: readonly ReadonlyMap<string, VisibleStep>[]): VisibleSteps {
  return {
    get(id) {
      for (let position = layers.length - 1; position >= 0; position--) {
        const step = layers[position]?.get(id);
        if (step !== undefined) return step;
      }
      return undefined;
    },
    entries: () => [...new Map(layers.flatMap((layer) => [...layer]))],
    with(id, step) {
      const last = layers.at(-1);
      if (last === undefined || last.size >= mostInLayer) return layered([...layers, new Map([[id, step]])]);
      return layered([...layers.slice(0, -1), new Map(last).set(id, step)]);
    },
  };
}
