import { describe, expect, it } from 'vitest';
import { noticeMail, type TellableNotice } from '../../../../activities/outbound/notices/notice-mail.ts';

const facts: NonNullable<TellableNotice['facts']> = {
  ...{ id: 'ep_1', url: 'https://shop.example/webhooks', description: '', tenant: null, state: 'enabled' },
  ...{ lastStatuses: [503, null], pending: 3, parked: 12 },
};
const failing: TellableNotice = {
  ...{ endpoint: 'ep_1', kind: 'failing', reason: 'HTTP 503', at: new Date('2026-11-28T09:30:00.000Z') },
  ...{ failingSince: new Date('2026-11-28T09:24:31.000Z'), facts },
};
const closing =
  '\n\nKait keeps the deliveries that it cannot make now. "kait endpoints show <id>" shows how an endpoint is doing.\n';

describe('the mail to the operator', () => {
  it('says that an endpoint fails, since when, and what becomes of its deliveries', () => {
    expect(noticeMail([failing])).toEqual({
      subject: 'Kait: the endpoint at shop.example is failing',
      text: `2026-11-28 09:30:00 UTC: ep_1 is failing.
https://shop.example/webhooks
Every attempt has failed since 2026-11-28 09:24:31 UTC: HTTP 503.
Last answers: 503, none.
Deliveries: 3 pending, 12 parked.
Kait tries it again by itself.${closing}`,
    });
  });

  it('says how to enable a disabled endpoint', () => {
    const notice: TellableNotice = {
      ...{ ...failing, kind: 'disabled', reason: '410 Gone' },
      facts: { ...facts, state: 'disabled', tenant: 'acme', description: 'Orders', lastStatuses: [] },
    };
    expect(noticeMail([notice])).toEqual({
      subject: 'Kait: the endpoint at shop.example was disabled',
      text: `2026-11-28 09:30:00 UTC: ep_1 was disabled.
https://shop.example/webhooks (Orders), tenant acme
Reason: 410 Gone.
Last answers: none.
Deliveries: 3 pending, 12 parked.
When the receiver is ready again: kait endpoints resume ep_1${closing}`,
    });
  });

  it('counts several notices in its subject, and tells each', () => {
    const recovered: TellableNotice = { ...failing, kind: 'recovered', reason: '' };
    const removed: TellableNotice = { ...failing, endpoint: 'ep_2', facts: null };
    const { subject, text } = noticeMail([failing, recovered, removed]);
    expect(subject).toBe('Kait: outbound webhooks: 2 failing, 1 recovered');
    expect(text).toContain('ep_1 has recovered.\nhttps://shop.example/webhooks\nIt had failed since');
    expect(text).toContain('ep_2 is failing.\nIt was removed since.');
  });

  it('keeps what a tenant has written on its line', () => {
    const hostile = { ...facts, description: 'Orders\n\nPay here:\r\nhttps://evil.example \u202E' };
    const { text } = noticeMail([{ ...failing, facts: hostile }]);
    expect(text).toContain('https://shop.example/webhooks (Orders  Pay here:  https://evil.example \uFFFD)\nEvery');
  });
});
