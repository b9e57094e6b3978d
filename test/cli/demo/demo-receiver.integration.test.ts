import { Webhook } from 'standardwebhooks';
import { expect, it, onTestFinished } from 'vitest';
import { startDemoReceiver } from '../../../cli/demo/demo-receiver.ts';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const foreign = 'whsec_AAAA9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const body = '{"type":"order.created","data":{"name":"Żółć"}}';
const minuteMs = 60_000;

it.each([
  { about: 'signed as the official package does', key: secret, ageMs: 0, sent: body, status: 204 },
  { about: 'signed with a foreign secret', key: foreign, ageMs: 0, sent: body, status: 400 },
  { about: 'that is ten minutes old', key: secret, ageMs: 10 * minuteMs, sent: body, status: 400 },
  { about: 'whose body was changed', key: secret, ageMs: 0, sent: body.replace('Ż', 'Z'), status: 400 },
])('answers $status to a webhook $about', async ({ key, ageMs, sent, status }) => {
  const receiver = await startDemoReceiver();
  onTestFinished(() => receiver.stop());
  receiver.trust(secret);
  const time = new Date(Date.now() - ageMs);
  const headers = {
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(Math.floor(time.getTime() / 1_000)),
    'webhook-signature': new Webhook(key).sign('msg_1', time, body),
  };
  const response = await fetch(receiver.url, { method: 'POST', headers, body: sent });
  expect(response.status).toBe(status);
  expect(receiver.arrived).toMatchObject([{ id: 'msg_1', type: 'order.created', verified: status === 204 }]);
});
