/** One mail to one recipient, complete. */
export interface OutgoingMail {
  from: string;
  to: string;
  subject: string;
  text: string;
  /** With its angle brackets. The same for every sending of the mail. */
  messageId: string;
  date: Date;
}

/** Where mails go. */
export interface MailTransport {
  /**
   * Resolves when the mail was accepted. Rejects with `MailRefused` where it never will be, else with `MailUnavailable`;
   * neither shows a credential.
   */
  send(mail: OutgoingMail): Promise<void>;
  close(): void;
}
