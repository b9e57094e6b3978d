import { createSmtpMailTransport } from '../../../activities/mail/mail-transport.ts';

/** A process of its own that sends one mail through the server in its first argument, since Node reads NODE_EXTRA_CA_CERTS only at its start. */
const transport = createSmtpMailTransport({ url: process.argv[2] ?? '' });
await transport.send({
  from: 'shop@shop.example',
  to: 'ana@shop.example',
  subject: 'Your receipt',
  text: 'Thank you, Ana.',
  messageId: '<0123abcd@kait.shop.example>',
  date: new Date('2026-11-25T08:00:00.000Z'),
});
transport.close();
