import pc from 'picocolors';
import { expect, it } from 'vitest';
import { shownAddress, table } from '../../cli/terminal.ts';

it('aligns the columns to their widest cell and shows null as a dash', () => {
  const rows = [
    ['evt_1', 3, null],
    ['evt_22222', 12, 'late'],
  ];
  expect(table(['event', 'n', 'error'], rows).split('\n')).toEqual([
    pc.dim('event      n   error'),
    'evt_1      3   –',
    'evt_22222  12  late',
  ]);
});

it('leaves no blanks at the end of a line', () => {
  expect(table(['a', 'b'], [['x', '']])).toBe(`${pc.dim('a  b')}\nx`);
});

it('makes control characters that a stranger sent visible', () => {
  const [, row] = table(['event'], [['a\u001b[2Jb\nc\u0007d\u009be']]).split('\n');
  expect(row).toBe('a\uFFFD[2Jb c\uFFFDd\uFFFDe');
});

it('ends a cell of more than 100 characters in an ellipsis', () => {
  const [, longest, longer] = table(['error'], [['x'.repeat(100)], ['y'.repeat(101)]]).split('\n');
  expect(longest).toBe('x'.repeat(100));
  expect(longer).toBe(`${'y'.repeat(99)}…`);
});

it.each([
  [true, 'http://127.0.0.1:8233/runs?ticket=once'],
  [false, 'http://127.0.0.1:8233/runs'],
])('shows the ticket of the Web UI only on a terminal (%s)', (isTerminal, address) => {
  const ui = { url: 'http://127.0.0.1:8233', link: (path: string) => `http://127.0.0.1:8233${path}?ticket=once` };
  expect(shownAddress(ui, '/runs', isTerminal)).toBe(address);
});
