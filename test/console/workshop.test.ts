import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Bench, Question } from '../../console/pages/playground/worker/protocol.ts';
import { openWorkshop, problemOf } from '../../console/pages/playground/workshop.ts';

/** A worker that answers when the test says so. */
class FakeWorker extends EventTarget {
  asked: Question[] = [];
  isEnded = false;

  postMessage(question: Question): void {
    this.asked.push(question);
  }

  terminate(): void {
    this.isEnded = true;
  }

  answer(answer: unknown): void {
    const { id } = this.asked.at(-1)!;
    this.dispatchEvent(new MessageEvent('message', { data: { id, answer } }));
  }
}

let workers: FakeWorker[];
const bench = { activities: [] } as unknown as Bench;
const open = () =>
  openWorkshop(bench, () => {
    const worker = new FakeWorker();
    workers.push(worker);
    return worker as unknown as Worker;
  });
const kinds = (worker: FakeWorker | undefined) => worker?.asked.map(({ kind }) => kind);
const tooSlow = { tooSlow: (seconds: number) => `more than ${seconds} s` };
const problem = (asked: Promise<unknown>) =>
  asked.then(
    () => null,
    (error: unknown) => problemOf(error, tooSlow),
  );
const simulate = (text: string) => ({ text, event: null, answers: '{}', later: '[]' });

beforeEach(() => {
  workers = [];
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the worker of the playground', () => {
  it('starts when it is first asked, and learns first what to check against', async () => {
    const workshop = open();
    expect(workers).toEqual([]);
    const asked = workshop.ask('check', { text: '{}' });
    expect(kinds(workers[0])).toEqual(['bench', 'check']);
    workers[0]!.answer('checked');
    expect(await asked).toBe('checked');
  });

  it('is ended if it takes too long, and the next question goes to another one', async () => {
    const workshop = open();
    const slow = problem(workshop.ask('simulate', simulate('slow')));
    await vi.advanceTimersByTimeAsync(8_000);
    expect(await slow).toBe('more than 8 s');
    expect(workers[0]!.isEnded).toBe(true);
    const next = workshop.ask('simulate', simulate('quick'));
    workers[1]!.answer('simulated');
    expect(await next).toBe('simulated');
  });

  it('tells mistakes while something long is simulated', async () => {
    const workshop = open();
    const slow = problem(workshop.ask('simulate', simulate('slow')));
    const checked = workshop.ask('check', { text: '{' });
    workers[1]!.answer('findings');
    expect(await checked).toBe('findings');
    await vi.advanceTimersByTimeAsync(8_000);
    expect(await slow).toBe('more than 8 s');
  });

  it('gives up what takes long as soon as the draft has changed', async () => {
    const workshop = open();
    const slow = problem(workshop.ask('simulate', simulate('slow')));
    await vi.advanceTimersByTimeAsync(600);
    const next = workshop.ask('simulate', simulate('quick'));
    expect(await slow).toBe('A newer question has come');
    expect(workers[0]!.isEnded).toBe(true);
    workers[1]!.answer('simulated');
    expect(await next).toBe('simulated');
  });

  it('counts the time of a question from when its worker has it', async () => {
    const workshop = open();
    const first = workshop.ask('check', { text: '1' });
    const second = problem(workshop.ask('format', { text: '2' }));
    await vi.advanceTimersByTimeAsync(4_000);
    workers[0]!.answer('first');
    expect(await first).toBe('first');
    await vi.advanceTimersByTimeAsync(4_900);
    expect(kinds(workers[0])).toEqual(['bench', 'check', 'format']);
    await vi.advanceTimersByTimeAsync(100);
    expect(await second).toBe('more than 5 s');
  });

  it('asks the last of many quick changes, and not those between', async () => {
    const workshop = open();
    const [first, second, third] = ['1', '2', '3'].map((text) => workshop.ask('check', { text }));
    expect(await problem(second!)).toBe('A newer question has come');
    workers[0]!.answer('first');
    workers[0]!.answer('third');
    expect([await first, await third]).toEqual(['first', 'third']);
    expect(workers[0]!.asked.map(({ what }) => what)).toEqual([bench, { text: '1' }, { text: '3' }]);
  });

  it('passes on its own words, and begins again after a crash', async () => {
    const workshop = open();
    const asked = problem(workshop.ask('check', { text: '{}' }));
    workers[0]!.dispatchEvent(new MessageEvent('message', { data: { id: 1, error: 'a bug' } }));
    expect(await asked).toBe('a bug');
    const crashed = problem(workshop.ask('check', { text: '{}' }));
    workers[0]!.dispatchEvent(Object.assign(new Event('error'), { message: 'out of memory' }));
    expect(await crashed).toBe('out of memory');
    const next = workshop.ask('check', { text: '{}' });
    workers[1]!.answer('checked');
    expect(await next).toBe('checked');
  });

  it('is ended with the page', () => {
    const workshop = open();
    void problem(workshop.ask('check', { text: '{}' }));
    workshop.close();
    expect(workers[0]!.isEnded).toBe(true);
  });
});
