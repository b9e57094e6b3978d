/** Whose endpoints a webhook is for: an id of the operator's own choice, such as that of a merchant. */
export const tenantPattern = /^[A-Za-z0-9](?:[A-Za-z0-9._:@-]{0,98}[A-Za-z0-9])?$/;

/** Completes "must be …". */
export const tenantForm = '1 to 100 letters, digits, dots, hyphens, underscores, colons or @';
