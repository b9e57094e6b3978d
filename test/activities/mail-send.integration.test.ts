import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { activityFailure } from '../../activities/failure-types.ts';
import type { Database } from '../../storage/database.ts';
import { openTestDatabase } from '../services/open-test-database.ts';
import { mails } from '../../storage/schema.ts';
import { insertEvent } from '../server/stored-events.ts';
import { activityFixture, contextOf, fixtureTime, recordingTransport } from './activity-fixture.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
  await insertEvent(database, {
    source: 'stripe',
    eventId: 'evt_1',
    gateway: 'stripe',
    type: 'payment.succeeded',
    nativeType: 'payment_intent.succeeded',
    occurredAt: fixtureTime,
    receivedAt: fixtureTime,
    state: 'dispatched',
    envelope: { id: 'evt_1', payment: { orderId: 'INV-9', amount: 2_500_000, currency: 'IDR' } },
  });
});
afterAll(() => database.close());

const format = { locale: null, timeZone: 'UTC' };
const mail = { to: 'ana@shop.example', subject: 'Hello', text: 'Thank you.' };

async function rowOf(key: string) {
  const [row] = await database.orm.select().from(mails).where(eq(mails.idempotencyKey, key));
  return row;
}

describe('mail.send', () => {
  it('derives the Message-ID from the key and the sender’s domain', async () => {
    const { activities, transport } = activityFixture(database);
    const result = await activities['mail.send'](mail, contextOf('key-1'));
    const messageId = '<be2974546978e3739e6d6da85c4be9f334ce32df2b9fd4b6ff1b55c0d57e9d44@kait.shop.example>';
    expect(result).toEqual({ messageId });
    expect(transport.sent).toEqual([{ ...mail, from: 'Shop <shop@shop.example>', messageId, date: fixtureTime }]);
    expect(await rowOf('key-1')).toMatchObject({ state: 'sent', recipient: 'ana@shop.example', sentAt: fixtureTime });
  });

  it('sends the same mail again, with the same Message-ID and date, after a crash before the record', async () => {
    const transport = recordingTransport();
    const crashing = activityFixture(database, { transport });
    await crashing.activities['mail.send'](mail, contextOf('crash'));
    // What a crash between the acceptance and the record leaves behind.
    await database.orm
      .update(mails)
      .set({ state: 'sending', sentAt: null, claimedUntil: new Date('2026-11-25T08:00:25.000Z') })
      .where(eq(mails.idempotencyKey, 'crash'));
    const soon = activityFixture(database, { transport, clock: () => new Date('2026-11-25T08:00:20.000Z') });
    await expect(soon.activities['mail.send'](mail, contextOf('crash'))).rejects.toMatchObject({
      type: 'MailInFlight',
      nonRetryable: false,
      nextRetryDelay: 5_000,
    });
    const later = activityFixture(database, { transport, clock: () => new Date('2026-11-25T08:00:26.000Z') });
    await later.activities['mail.send'](mail, contextOf('crash'));
    expect(transport.sent).toHaveLength(2);
    expect(transport.sent[1]).toEqual(transport.sent[0]);
  });

  it('lets the next attempt send a mail at once after a transient failure', async () => {
    const { activities, transport } = activityFixture(database);
    transport.failNext(activityFailure('MailUnavailable', 'later'));
    await expect(activities['mail.send'](mail, contextOf('later'))).rejects.toMatchObject({ type: 'MailUnavailable' });
    expect(await rowOf('later')).toMatchObject({ state: 'sending', lastError: 'later', claimedUntil: null });
    await activities['mail.send'](mail, contextOf('later'));
    expect(await rowOf('later')).toMatchObject({ state: 'sent', lastError: null });
  });

  it('marks a mail that is refused permanently, and can still send it later', async () => {
    const { activities, transport } = activityFixture(database);
    transport.failNext(activityFailure('MailRefused', 'never'));
    await expect(activities['mail.send'](mail, contextOf('never'))).rejects.toMatchObject({ nonRetryable: true });
    expect(await rowOf('never')).toMatchObject({ state: 'refused', lastError: 'never' });
    await activities['mail.send'](mail, contextOf('never'));
    expect(transport.sent).toHaveLength(1);
  });

  it('gives up on a mail server that takes the mail and never answers', async () => {
    const transport = { ...recordingTransport(), send: () => new Promise<never>(() => undefined) };
    const silent = { transport, templates: new Map(), format, from: 'shop@shop.example', sendTimeoutMs: 5 };
    const { activities } = activityFixture(database, { mail: silent });
    await expect(activities['mail.send'](mail, contextOf('silent'))).rejects.toMatchObject({
      type: 'MailUnavailable',
      message: 'The mail was not accepted within 5 ms',
    });
    expect(await rowOf('silent')).toMatchObject({ state: 'sending', claimedUntil: null });
  });

  describe('with a template', () => {
    const templates = new Map([
      ['receipt', { subject: 'Order {{event.payment.orderId}}', text: '{{money}} {{values.name}}' }],
    ]);
    const withTemplate = () => {
      const transport = recordingTransport();
      return activityFixture(database, {
        transport,
        mail: { transport, templates, format, from: 'shop@shop.example', sendTimeoutMs: 1_000 },
      });
    };
    const receipt = { to: 'ana@shop.example', template: 'receipt', values: { name: 'Ana' } };

    it('fills it in from the event in the inbox and the values', async () => {
      const { activities, transport } = withTemplate();
      await activities['mail.send'](receipt, contextOf('receipt'));
      expect(transport.sent).toMatchObject([{ subject: 'Order INV-9', text: 'IDR 25,000.00 Ana' }]);
    });

    it('prefers the step’s subject to the template’s', async () => {
      const { activities, transport } = withTemplate();
      await activities['mail.send']({ ...receipt, subject: 'Mine' }, contextOf('own subject'));
      expect(transport.sent).toMatchObject([{ subject: 'Mine', text: 'IDR 25,000.00 Ana' }]);
    });

    it('fails on an unknown template, an unknown event and a missing value', async () => {
      const { activities } = withTemplate();
      const send = (input: object, context = contextOf('refused')) =>
        activities['mail.send']({ ...receipt, ...input }, context);
      await expect(send({ template: 'recept' })).rejects.toMatchObject({
        type: 'TemplateUnknown',
        message: 'mail.send: `template`: expected one of receipt, got "recept"',
      });
      await expect(send({}, { ...contextOf('x'), eventId: 'evt_2' })).rejects.toMatchObject({ type: 'EventUnknown' });
      await expect(send({ values: {} })).rejects.toMatchObject({ type: 'TemplateValueMissing', nonRetryable: true });
    });
  });
});
