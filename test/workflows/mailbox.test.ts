import { expect, it } from 'vitest';
import { createMailbox } from '../../workflows/mailbox.ts';
import { sampleEvent } from '../server/sample-event.ts';

const eventOf = (id: string, characters: number) => sampleEvent({ id, data: 'a'.repeat(characters) });

it('keeps the newest events of a flood of small ones, and says that it dropped others', () => {
  const noted: string[] = [];
  const mailbox = createMailbox(undefined, (text) => noted.push(text));
  for (const id of Array.from({ length: 250 }, (_, index) => `evt_${index}`)) mailbox.receive(eventOf(id, 1));
  const { events } = mailbox.carried();
  expect(events.map(({ id }) => id)).toEqual(Array.from({ length: 200 }, (_, index) => `evt_${index + 50}`));
  expect(noted).toEqual(['Events that no step took were dropped: too many wait']);
});

it('keeps at most 200,000 bytes of a flood of large events, so that the run still fits when it continues as new', () => {
  const mailbox = createMailbox();
  for (const id of Array.from({ length: 100 }, (_, index) => `evt_${index}`)) mailbox.receive(eventOf(id, 99_000));
  expect(mailbox.carried().events.map(({ id }) => id)).toEqual(['evt_98', 'evt_99']);
});

it('counts three bytes of a letter that takes three', () => {
  const mailbox = createMailbox();
  for (const id of ['evt_0', 'evt_1', 'evt_2', 'evt_3'])
    mailbox.receive(sampleEvent({ id, data: '\u20ac'.repeat(34_000) }));
  expect(mailbox.carried().events.map(({ id }) => id)).toEqual(['evt_3']);
});

it('forgets the oldest ids of taken events when there are many', () => {
  const mailbox = createMailbox();
  for (const id of Array.from({ length: 200 }, (_, index) => `${String(index).padStart(3, '0')}${'x'.repeat(997)}`)) {
    mailbox.receive(eventOf(id, 1));
    mailbox.takeEvent(() => true);
  }
  expect(JSON.stringify(mailbox.carried().taken).length).toBeLessThan(50_100);
});

it('keeps the ten newest notes, on one line each, without repeats', () => {
  const noted: string[] = [];
  const mailbox = createMailbox(undefined, (text) => noted.push(text));
  for (const text of ['a\nb\u001b', 'a\nb\u001b', ...Array.from({ length: 10 }, (_, index) => `note ${index}`)])
    mailbox.note(text);
  mailbox.note('x'.repeat(1_000));
  expect(noted[0]).toBe('a b\uFFFD');
  expect(noted).toHaveLength(12);
  expect(mailbox.carried().notes).toEqual([
    ...['note 1', 'note 2', 'note 3', 'note 4', 'note 5', 'note 6', 'note 7', 'note 8', 'note 9'],
    `${'x'.repeat(299)}…`,
  ]);
});

it('names at most ten of the steps that wait', () => {
  const mailbox = createMailbox();
  for (const key of Array.from({ length: 30 }, (_, index) => `ask/${index}`)) mailbox.asks.open(key, () => null);
  expect(() => mailbox.asks.check({ step: 'ask', approved: true, by: 'ana' })).toThrow(
    /^Step "ask" is not waiting for approval, or was already answered\. These steps are waiting for approval: ask\/0, .*, ask\/9, …\.$/,
  );
});
