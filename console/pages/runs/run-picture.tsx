import { useMemo } from 'preact/hooks';
import { graphOf } from '../../../authoring/definition-graph.ts';
import type { Definition } from '../../../language/definition.ts';
import { api, answerOf } from '../../app/api.ts';
import { useLoad } from '../../app/use-load.ts';
import { Graph, type GraphState } from '../../parts/graph/graph.tsx';
import { rulesOf } from '../../parts/graph/rules-of.ts';
import { Load } from '../../parts/load.tsx';
import { stepTones } from '../../parts/tones.ts';
import { useWords } from '../../words/words.ts';
import { pathOf } from './run-path.ts';
import type { FullRun } from './run-state.ts';

interface PictureProps {
  run: FullRun;
  selected: string | null;
  onSelect: (step: string) => void;
}

/** The definition that a run has, with how each of its steps stands. */
export default function RunPicture({ run, selected, onSelect }: PictureProps) {
  const { definition: name, definitionHash: hash } = run;
  // A version never changes, so it is asked for once.
  const loaded = useLoad(hash === null ? null : `${name} ${hash}`, async (signal) => {
    const params = { path: { definition: name, hash: hash ?? '' } };
    const asked = api.GET('/definitions/{definition}/versions/{hash}', { signal, params });
    const { definition, activities } = await answerOf(asked);
    return graphOf(definition as Definition, rulesOf(activities)); // Kait has served it.
  });
  return <Load of={loaded}>{(graph) => <Picture {...{ run, graph, selected, onSelect }} />}</Load>;
}

function Picture({ run, graph, selected, onSelect }: PictureProps & { graph: ReturnType<typeof graphOf> }) {
  const { runs } = useWords();
  const { states, taken } = useMemo(() => {
    const { steps, edges } = pathOf(run, graph);
    const shown = [...steps].map(([id, { status }]): [string, GraphState] => {
      return [id, { tone: stepTones[status], label: runs.stepStates[status] }];
    });
    return { states: new Map(shown), taken: edges };
  }, [run, graph, runs]);
  return <Graph label={runs.graph} {...{ graph, states, taken, selected, onSelect }} />;
}
