import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Report } from '../../bench/report.ts';
import { compareReports, earlierResult, keepResult, readResults, type Result } from '../../bench/results.ts';

const report: Report = {
  title: 'running: completed runs a second',
  notes: [],
  headings: ['workflow', 'runs', 'per second', 'CPU ms: worker'],
  rows: [
    ['Kait', 96, '12.5', '30'],
    ['by hand', 96, '10', null],
  ],
  targets: [{ what: 'Kait, of by hand', measured: 1.25, unit: '', atLeast: 1 }],
};
const result: Result = {
  at: '2026-11-28T10:00:00.000Z',
  commit: '0123456789',
  machine: '2 cores (some CPU), 24 GB, Linux 6, Node v24.0.0; load before: 0.1 0.2 0.3',
  ...report,
};
const newFolder = () => mkdtemp(join(tmpdir(), 'kait-test-results-'));
const comparison = (now: Report, earlier: Result) =>
  stripVTControlCharacters(compareReports(now, earlier)).replaceAll(/ +/g, ' ').split('\n');

describe('the kept result of a benchmark', () => {
  test('is read as it was written', async () => {
    const file = join(await newFolder(), 'within', 'a.json');
    await keepResult(file, result);
    expect(await readResults(file)).toEqual([result]);
  });

  test('takes the place of the one with its title, and leaves the others', async () => {
    const file = join(await newFolder(), 'a.json');
    const other = { ...result, title: 'another' };
    const newer = { ...result, at: '2026-11-28T11:00:00.000Z', targets: [] };
    for (const each of [result, other, newer]) await keepResult(file, each);
    expect(await readResults(file)).toEqual([newer, other]);
  });

  test('keeps a figure that could not be measured', async () => {
    const file = join(await newFolder(), 'a.json');
    const unmeasured = { ...result, targets: [{ what: 'x', measured: NaN, unit: ' ms', atMost: 1 } as const] };
    await keepResult(file, unmeasured);
    expect(await readResults(file)).toEqual([unmeasured]);
  });

  test.each([
    ['no JSON', '['],
    ['another thing', '{"rows":[]}'],
    ['a number as text', JSON.stringify([{ ...result, targets: [{ what: 'x', measured: '1', unit: '' }] }])],
    ['a date without time', JSON.stringify([{ ...result, at: '2026-11-28' }])],
  ])('is neither read nor overwritten if the file holds %s', async (_what, text) => {
    const file = join(await newFolder(), 'a.json');
    await writeFile(file, text);
    await expect(readResults(file)).rejects.toThrow('a.json does not hold results of benchmarks');
    await expect(keepResult(file, result)).rejects.toThrow('a.json does not hold results of benchmarks');
    expect(await readFile(file, 'utf8')).toBe(text);
  });
});

describe('the result to compare with', () => {
  test('is the newest earlier one of the measurement', async () => {
    const folder = await newFolder();
    await keepResult(join(folder, '1.json'), { ...result, at: '2026-11-28T08:00:00.000Z' });
    await keepResult(join(folder, '2.json'), { ...result, at: '2026-11-28T09:00:00.000Z' });
    await keepResult(join(folder, '3.json'), { ...result, title: 'another', at: '2026-11-28T09:30:00.000Z' });
    await keepResult(join(folder, '4.json'), result);
    await writeFile(join(folder, '5.json'), 'broken');
    expect(await earlierResult(report.title, result.at, folder)).toMatchObject({ at: '2026-11-28T09:00:00.000Z' });
  });

  test('is none if nothing was kept', async () => {
    expect(await earlierResult(report.title, result.at, join(await newFolder(), 'absent'))).toBeNull();
  });
});

describe('a comparison', () => {
  test('shows each figure of both runs and their ratio', () => {
    const now: Report = {
      ...report,
      rows: [['Kait', 96, '25', '15']],
      targets: [{ what: 'Kait, of by hand', measured: 2.5, unit: '', atLeast: 1 }],
    };
    expect(comparison(now, result)).toEqual([
      ' Compared with the run of 0123456789 at 2026-11-28T10:00:00.000Z, on 2 cores (some CPU), 24 GB, Linux 6, Node v24.0.0; load before: 0.1 0.2 0.3:',
      '',
      'figure then now ratio',
      'Kait: runs 96 96 1',
      'Kait: per second 12.5 25 2',
      'Kait: CPU ms: worker 30 15 0.5',
      'Kait, of by hand 1.25 2.5 2',
      '',
    ]);
  });

  test('has no ratio to zero', () => {
    const zero: Report = { ...report, rows: [['Kait', 0]], targets: [] };
    expect(comparison(zero, { ...result, ...zero })).toContain('Kait: runs 0 0 –');
  });

  test('leaves out what only one of the runs has measured', () => {
    expect(compareReports({ ...report, rows: [], targets: [] }, result)).toBe('');
    expect(compareReports({ ...report, headings: ['workflow', 'other'], targets: [] }, result)).not.toContain(
      'per second',
    );
  });
});
