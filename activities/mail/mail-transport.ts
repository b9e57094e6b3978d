import type { SendMailOptions } from 'nodemailer';

/** A complete mail to one recipient. */
export interface OutgoingMail {
  from: string;
  to: string;
  subject: string;
  text: string;
  /** With its angle brackets. The same each time the mail is sent. */
  messageId: string;
  date: Date;
}

/** Where mails go. */
export interface MailTransport {
  /**
   * Resolves when the mail is accepted. Rejects with `MailRefused` if it never will be, else with `MailUnavailable`. Neither
   * shows a credential.
   */
  send(mail: OutgoingMail): Promise<void>;
  close(): void;
}

/** A mail in nodemailer's terms. The recipient is an object, so that nothing parses it as a list of addresses. */
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
