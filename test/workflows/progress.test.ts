import { expect, it } from 'vitest';
import type { Step } from '../../language/definition.ts';
import { createProgressView } from '../../workflows/progress.ts';
import { newRunState } from '../../workflows/run-state.ts';

it('says which steps run only at the deadline of the run or after undoing', () => {
  const set = (id: string): Step => ({ id, set: { [id]: 1 } });
  const steps: Step[] = [{ id: 'group', deadline: '1h', do: [set('inner')] }];
  const late: Step[] = [{ id: 'late', do: [set('then')] }];
  const others = [
    { label: 'onTimeout', steps: late },
    { label: 'afterUndo', steps: [set('told')] },
  ];
  const state = newRunState([...steps, ...late, set('told')]);
  expect(createProgressView(steps, others).checklist(state).split('\n')).toEqual([
    '- ◻︎ **group** do within 1h',
    '  - ◻︎ **inner** set inner',
    '- ◻︎ **late** at the deadline: do',
    '  - ◻︎ **then** set then',
    '- ◻︎ **told** after undoing: set told',
  ]);
});
