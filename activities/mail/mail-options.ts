import type { SendMailOptions } from 'nodemailer';
import type { OutgoingMail } from './mail-transport.ts';

/** A mail in nodemailer's terms. The recipient is an object and stands in the envelope too, so nothing parses it as a list. */
export function mailOptions({ from, to, subject, text, messageId, date }: OutgoingMail): SendMailOptions {
  return {
    from,
    to: { name: '', address: to },
    subject,
    text,
    messageId,
    date,
    headers: { 'Auto-Submitted': 'auto-generated' }, // RFC 3834: no holiday replies.
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
