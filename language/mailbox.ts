/**
 * RFC 5321's dot-atom and a host name with at least two labels: exactly one address, with nothing that alters a header. The part before
 * the @ has at most 64 characters.
 */
export const mailbox =
  /^(?=.{1,64}@)[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;

/** Characters of a whole address. */
export const mailboxLimit = 254;

/** Whether the step `mail.send` accepts the text as its recipient. */
export function isMailbox(text: string): boolean {
  return text.length <= mailboxLimit && mailbox.test(text);
}
