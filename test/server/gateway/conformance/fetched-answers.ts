import type { JsonObject } from '../../../../language/json.ts';

/** A notice, and answers about its thing, the plainest first. */
export interface Fetched {
  notice: string;
  contentType: string;
  answers: Record<string, JsonObject>;
}

/** What notices are about, as each gateway answers it. */
export const fetchedAnswers: Record<string, Fetched> = {
  mollie_classic: {
    notice: 'id=tr_1',
    contentType: 'application/x-www-form-urlencoded',
    answers: {
      paid: { resource: 'payment', id: 'tr_1', status: 'paid', amount: { value: '24.95', currency: 'EUR' } },
      'paid, with the amounts that are added later': {
        ...{ resource: 'payment', id: 'tr_1', mode: 'live', status: 'paid', method: 'ideal', profileId: 'pfl_1' },
        ...{ amount: { value: '24.95', currency: 'EUR' }, amountRefunded: { value: '0.00', currency: 'EUR' } },
        ...{ amountRemaining: { value: '24.95', currency: 'EUR' }, paidAt: '2026-01-01T00:00:00+00:00' },
        ...{ settlementAmount: { value: '24.95', currency: 'EUR' }, metadata: { order_id: 'A-1' } },
      },
      'refunded in part': {
        ...{ resource: 'payment', id: 'tr_1', mode: 'live', status: 'paid', method: 'ideal', profileId: 'pfl_1' },
        ...{ amount: { value: '24.95', currency: 'EUR' }, amountRefunded: { value: '5.95', currency: 'EUR' } },
        ...{ amountRemaining: { value: '19.00', currency: 'EUR' }, paidAt: '2026-01-01T00:00:00+00:00' },
      },
      'an order': {
        ...{
          resource: 'order',
          id: 'ord_1',
          mode: 'live',
          status: 'completed',
          orderNumber: '1337',
          profileId: 'pfl_1',
        },
        ...{ amount: { value: '24.95', currency: 'EUR' }, amountCaptured: { value: '24.95', currency: 'EUR' } },
        ...{ amountRefunded: { value: '0.00', currency: 'EUR' }, completedAt: '2026-01-01T00:00:00+00:00' },
      },
    },
  },
  mercadopago: {
    notice: '{"type":"payment","data":{"id":"999"}}',
    contentType: 'application/json',
    answers: {
      approved: {
        id: 999,
        status: 'approved',
        transaction_amount: 10,
        transaction_amount_refunded: 0,
        currency_id: 'BRL',
      },
      'approved, with the details of a card': {
        ...{ id: 999, status: 'approved', status_detail: 'accredited', live_mode: true, currency_id: 'BRL' },
        ...{ transaction_amount: 10, transaction_amount_refunded: 0, external_reference: 'A-1', captured: true },
        ...{
          payment_method_id: 'visa',
          payment_type_id: 'credit_card',
          date_approved: '2026-01-01T00:00:00.000-04:00',
        },
        ...{ fee_details: [{ type: 'mercadopago_fee', amount: 0.5 }], refunds: [] },
      },
      'refunded in part': {
        ...{ id: 999, status: 'approved', status_detail: 'partially_refunded', live_mode: true, currency_id: 'BRL' },
        ...{ transaction_amount: 10, transaction_amount_refunded: 4, external_reference: 'A-1', captured: true },
        ...{ refunds: [{ id: 7, payment_id: 999, amount: 4, status: 'approved' }] },
      },
    },
  },
};
