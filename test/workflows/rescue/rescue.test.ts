import { expect, it } from 'vitest';
import type { Definition, Step } from '../../../language/definition.ts';
import type { JsonObject } from '../../../language/json.ts';
import { createRescueWorld, firstRun, type Fault, type RescueWorld, type WorldRun } from './rescue-world.ts';

function definitionOf(steps: Step[], more: Partial<Definition> = {}): Definition {
  return { name: 'order-paid', on: { event: 'payment.succeeded' }, steps, ...more };
}

const call = (id: string, input: JsonObject = {}): Step => ({ id, call: 'world.act', with: input });
const undoable = (id: string, input: JsonObject = {}): Step => ({
  id,
  call: 'world.act',
  with: input,
  undo: { call: 'world.undo', with: { key: '{{step.idempotencyKey}}' } },
});

const fails = (key: string, inDoubt = false): Fault => ({ key, inDoubt });

function goOn(world: RescueWorld, definition: Definition, { ended }: WorldRun, undoFailed?: 'stands' | 'undone') {
  const rescue = { keys: firstRun, of: firstRun, ended: ended as never, ...(undoFailed && { undoFailed }) };
  return world.run(definition, { rescue });
}

const standing = (world: RescueWorld) =>
  world
    .effects()
    .filter(({ isUndone }) => !isUndone)
    .map(({ key }) => key.slice(firstRun.length + 1));

it('goes on at the failed step when nothing was undone', async () => {
  const world = createRescueWorld();
  const definition = definitionOf([call('order'), call('ship'), call('tell')]);
  const failed = await world.run(definition, { faults: [fails('ship')] });
  expect(failed.status).toBe('failed');
  expect((await goOn(world, definition, failed)).status).toBe('completed');
  expect(world.calls).toEqual(['order', 'ship', 'ship', 'tell']);
});

it('does what was undone again under a new key, and leaves what stands', async () => {
  const world = createRescueWorld();
  const definition = definitionOf(
    [
      undoable('order'),
      call('mail', { order: '{{steps.order.id}}' }),
      { id: 'note', set: { order: '{{steps.order.id}}' } },
      call('ship', { order: '{{vars.order}}' }),
    ],
    { vars: { order: '' }, output: { order: '{{vars.order}}' } },
  );
  const failed = await world.run(definition, { faults: [fails('ship')] });
  expect(standing(world)).toEqual(['mail']);
  const rescued = await goOn(world, definition, failed);
  expect(rescued).toMatchObject({ status: 'completed', output: { order: 'id_3' } });
  expect(world.calls).toEqual(['order', 'mail', 'ship', 'order/undo', 'order~2', 'ship']);
  expect(standing(world)).toEqual(['mail', 'order~2', 'ship']);
});

it('counts generations over several rescues', async () => {
  const world = createRescueWorld();
  const definition = definitionOf([undoable('order'), call('ship')]);
  const failed = await world.run(definition, { faults: [fails('ship')] });
  const rescue = { keys: firstRun, of: firstRun, ended: failed.ended as never };
  const again = await world.run(definition, { rescue, faults: [fails('ship')] });
  expect(again.status).toBe('failed');
  expect((await goOn(world, definition, again)).status).toBe('completed');
  expect(world.calls).toEqual(['order', 'ship', 'order/undo', 'order~2', 'ship', 'order~2/undo', 'order~3', 'ship']);
});

it('does not repeat the items of a loop that are done', async () => {
  const world = createRescueWorld();
  const definition = definitionOf(
    [{ id: 'lines', forEach: { in: ['a', 'b', 'c', 'd'], collect: '{{steps.line.id}}' }, do: [call('line')] }],
    { output: '{{steps.lines.results}}' },
  );
  const failed = await world.run(definition, { faults: [fails('line/2')] });
  const rescued = await goOn(world, definition, failed);
  expect(rescued).toMatchObject({ status: 'completed', output: ['id_1', 'id_2', 'id_3', 'id_4'] });
  expect(world.calls).toEqual(['line/0', 'line/1', 'line/2', 'line/2', 'line/3']);
});

it('repeats the undone items of a loop only, and what was done in them only once', async () => {
  const world = createRescueWorld();
  const body = [call('before'), { ...undoable('line'), if: { '!=': [{ var: 'item' }, 'b'] } } as Step, call('after')];
  const definition = definitionOf([{ id: 'lines', forEach: { in: ['a', 'b', 'c'] }, do: body }, call('ship')]);
  const failed = await world.run(definition, { faults: [fails('ship')] });
  const before = world.calls.length;
  expect((await goOn(world, definition, failed)).status).toBe('completed');
  expect(world.calls.slice(before)).toEqual(['line/0~2', 'line/2~2', 'ship']);
});

it('lets a step whose undo failed stand, or does it again if the operator knows better', async () => {
  const definition = definitionOf([undoable('order'), call('ship')]);
  const faults = [fails('ship'), fails('order/undo')];
  const careful = createRescueWorld();
  await goOn(careful, definition, await careful.run(definition, { faults }));
  expect(standing(careful)).toEqual(['order', 'ship']);
  const bold = createRescueWorld();
  await goOn(bold, definition, await bold.run(definition, { faults }), 'undone');
  expect(bold.calls.slice(-2)).toEqual(['order~2', 'ship']);
});

it('repeats a step in doubt under its own key if nothing undid it, and under a new one otherwise', async () => {
  const world = createRescueWorld();
  const definition = definitionOf([call('pay')]);
  await goOn(world, definition, await world.run(definition, { faults: [fails('pay', true)] }));
  expect(world.calls).toEqual(['pay', 'pay']);
  const other = createRescueWorld();
  const undoes = definitionOf([undoable('pay')]);
  await goOn(other, undoes, await other.run(undoes, { faults: [fails('pay', true)] }));
  expect(other.calls).toEqual(['pay', 'pay/undo', 'pay~2']);
});

it('keeps decisions and the branches that were done, and goes on within the others', async () => {
  const world = createRescueWorld();
  const definition = definitionOf([
    { id: 'seen', set: { big: true } },
    {
      id: 'choice',
      if: { var: 'vars.big' },
      then: [
        {
          id: 'both',
          parallel: [
            call('one'),
            { id: 'group', do: [call('two'), { id: 'flip', set: { big: false } }, call('three')] },
          ],
        },
      ],
      else: [call('other')],
    },
  ]);
  const failed = await world.run(definition, { faults: [fails('three')] });
  expect((await goOn(world, definition, failed)).status).toBe('completed');
  expect(world.calls).toEqual(['one', 'two', 'three', 'three']);
});

it('goes on with the steps of a try that has only a finally, which runs for each time', async () => {
  const world = createRescueWorld();
  const definition = definitionOf([
    { id: 'guarded', try: [call('lock'), call('work'), call('more')], finally: [call('unlock')] },
  ]);
  const failed = await world.run(definition, { faults: [fails('work')] });
  expect((await goOn(world, definition, failed)).status).toBe('completed');
  expect(world.calls).toEqual(['lock', 'work', 'unlock', 'work', 'more', 'unlock~2']);
});

it('tells of each failure in afterUndo', async () => {
  const world = createRescueWorld();
  const definition = definitionOf([undoable('order'), call('ship')], { afterUndo: [call('sorry')] });
  const failed = await world.run(definition, { faults: [fails('ship')] });
  const rescue = { keys: firstRun, of: firstRun, ended: failed.ended as never };
  await world.run(definition, { rescue, faults: [fails('ship')] });
  expect(world.calls.filter((key) => key.startsWith('sorry'))).toEqual(['sorry', 'sorry~2']);
});

it('reaches what a cancellation kept a try from, although the step before it was done', async () => {
  const world = createRescueWorld();
  const definition = definitionOf([
    { id: 'guarded', try: [call('lock'), call('work')], finally: [call('unlock')] },
    call('tell'),
  ]);
  const canceled = await world.run(definition, { cancelAfterMs: 5 });
  expect(canceled.status).toBe('canceled');
  expect((await goOn(world, definition, canceled)).status).toBe('completed');
  expect(world.calls).toEqual(['lock', 'unlock', 'work', 'unlock~2', 'tell']);
});

it('reaches what the deadline of a group kept from running, although the step before it was done', async () => {
  const world = createRescueWorld();
  const inner: Step = { id: 'choice', if: true, then: [call('slow'), call('then')] };
  const definition = definitionOf([{ id: 'group', deadline: '5ms', do: [inner, call('more')] }, call('tell')]);
  const failed = await world.run(definition);
  expect(failed).toMatchObject({ status: 'failed', error: { type: 'TimedOut' } });
  const again = await goOn(world, definition, failed);
  expect(again).toMatchObject({ status: 'failed', error: { type: 'TimedOut' } });
  const patient = definitionOf([{ id: 'group', deadline: '1h', do: [inner, call('more')] }, call('tell')]);
  expect((await goOn(world, patient, again)).status).toBe('completed');
  expect(world.calls).toEqual(['slow', 'then', 'more', 'tell']);
});

it('asks anew what became of a webhook, under the key by which it was emitted', async () => {
  const world = createRescueWorld();
  const definition = definitionOf([{ id: 'tell', emit: 'order.created', await: 'delivered' }, call('ship')]);
  const failed = await world.run(definition, { faults: [fails('tell/outcome')] });
  expect(failed.status).toBe('failed');
  expect((await goOn(world, definition, failed)).status).toBe('completed');
  expect(world.calls).toEqual(['tell', 'tell/outcome', 'tell', 'tell/outcome', 'ship']);
});

it('does again what a late group has undone', async () => {
  const world = createRescueWorld();
  const work = (deadline: string): Step => ({
    ...{ id: 'group', deadline, undoOnTimeout: true },
    do: [
      undoable('reserve'),
      call('slow', { of: '{{steps.reserve.id}}' }),
      call('more', { of: '{{steps.reserve.id}}' }),
    ],
  });
  const failed = await world.run(definitionOf([work('15ms'), call('tell')]));
  expect(failed).toMatchObject({ status: 'failed', error: { type: 'TimedOut' } });
  expect(standing(world)).toEqual(['slow']);
  expect((await goOn(world, definitionOf([work('1h'), call('tell')]), failed)).status).toBe('completed');
  expect(world.stale()).toEqual([]);
  expect(standing(world)).toEqual(['slow', 'reserve~2', 'more', 'tell']);
});

it('does again what a lost race has undone, if it is run again', async () => {
  const world = createRescueWorld();
  const race: Step = {
    ...{ id: 'race', join: 'first' },
    parallel: [
      { id: 'slow', do: [undoable('one'), { id: 'pause', wait: '1h' }, call('two', { of: '{{steps.one.id}}' })] },
      undoable('quick'),
    ],
  };
  const definition = definitionOf([race, call('ship')]);
  const failed = await world.run(definition, { faults: [fails('ship')] });
  const rescue = { keys: firstRun, of: firstRun, ended: failed.ended as never };
  expect((await world.run(definition, { rescue, faults: [fails('quick')] })).status).toBe('completed');
  expect(world.stale()).toEqual([]);
  expect(standing(world)).toEqual(['one~2', 'two', 'ship']);
});

it('leaves undone what a lost race has undone, if the race stands', async () => {
  const world = createRescueWorld();
  const slow: Step = { id: 'slow', do: [undoable('one'), { id: 'pause', wait: '1h' }] };
  const race: Step = { id: 'race', join: 'first', parallel: [slow, call('quick')] };
  const definition = definitionOf([race, call('ship')]);
  const failed = await world.run(definition, { faults: [fails('ship')] });
  expect((await goOn(world, definition, failed)).status).toBe('completed');
  expect(world.calls).toEqual(['one', 'quick', 'one/undo', 'ship', 'ship']);
});

it('remembers over several rescues what a lost race has undone', async () => {
  const world = createRescueWorld();
  const slow: Step = { id: 'slow', do: [undoable('one'), { id: 'pause', wait: '1h' }, call('two')] };
  const race: Step = { id: 'race', join: 'first', parallel: [slow, call('quick')] };
  const definition = definitionOf([race, call('ship'), undoable('order'), call('tell')]);
  const rescue = { keys: firstRun, of: firstRun };
  const { ended } = await world.run(definition, { faults: [fails('ship')] });
  const again = await world.run(definition, { rescue: { ...rescue, ended: ended as never }, faults: [fails('tell')] });
  expect(again.ended.state.undoneBy).toEqual({ one: 'race', order: null });
});

it('does not ask again for what a lost branch has done, if the race is run again', async () => {
  const world = createRescueWorld();
  const lines: Step = { id: 'lines', forEach: { in: ['a'] }, do: [call('line'), { id: 'pause', wait: '1h' }] };
  const race: Step = { id: 'race', join: 'first', parallel: [undoable('quick'), lines] };
  const definition = definitionOf([race, call('ship')]);
  const failed = await world.run(definition, { faults: [fails('ship')] });
  expect((await goOn(world, definition, failed)).status).toBe('completed');
  expect(world.calls).toEqual(['quick', 'line/0', 'ship', 'quick/undo', 'quick~2', 'ship']);
});

it('goes on with the steps that handle the failure of an item', async () => {
  const world = createRescueWorld();
  const onItemError = [call('sorry', { of: '{{error.step}}' }), call('note')];
  const lines: Step = { id: 'lines', forEach: { in: ['a', 'b'], onItemError }, do: [call('before'), call('line')] };
  const definition = definitionOf([lines, call('tell')]);
  const failed = await world.run(definition, { faults: [fails('line/0'), fails('note/0')] });
  expect(failed.status).toBe('failed');
  expect((await goOn(world, definition, failed)).status).toBe('completed');
  expect(world.calls).toEqual(['before/0', 'line/0', 'sorry/0', 'note/0', 'note/0', 'before/1', 'line/1', 'tell']);
});

it('goes on with the steps that handle the failure of an item when it continues as new', async () => {
  const world = createRescueWorld();
  const onItemError = [call('sorry', { of: '{{error.step}}' }), call('note')];
  const lines: Step = { id: 'lines', forEach: { in: ['a'], onItemError }, do: [call('line')] };
  const definition = definitionOf([lines, call('tell')]);
  const run = await world.run(definition, { faults: [fails('line/0')], callsPerRun: 1 });
  expect(run.status).toBe('completed');
  expect(world.calls).toEqual(['line/0', 'sorry/0', 'note/0', 'tell']);
});

it('asks an operator about an undo that was under way when the run was terminated', async () => {
  const world = createRescueWorld();
  const definition = definitionOf([undoable('order'), call('ship')]);
  const options = { faults: [fails('ship')], terminateAfterMs: 25, hadEffect: true };
  const terminated = await world.run(definition, options);
  expect(terminated.ended.state.undoFailed).toMatchObject([{ key: 'order' }]);
  expect((await goOn(world, definition, terminated, 'undone')).status).toBe('completed');
  expect(world.calls).toEqual(['order', 'ship', 'order/undo', 'order~2', 'ship']);
  expect(standing(world)).toEqual(['order~2', 'ship']);
});

it('does not ask again for what items of a late group have done, although nothing else is undone', async () => {
  const world = createRescueWorld();
  const lines: Step = { id: 'lines', forEach: { in: ['a'] }, do: [undoable('line'), call('note')] };
  const group: Step = { id: 'group', deadline: '25ms', undoOnTimeout: true, do: [lines, call('slow')] };
  const definition = definitionOf([group], { onFail: 'fail' });
  const patient = definitionOf([{ ...group, deadline: '1h' }], { onFail: 'fail' });
  expect((await goOn(world, patient, await world.run(definition))).status).toBe('completed');
  expect(world.calls).toEqual(['line/0', 'note/0', 'slow', 'line/0/undo', 'line/0~2']);
});
