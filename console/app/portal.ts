/*
 * The tenants' portal: the pages of outbound webhooks under `/portal`, for whoever has a tenant's link. The link's token stands behind the `#`, which
 * browsers send to nobody. It is taken out of the address, so that nobody shares it by accident, and kept for this tab.
 */

export const portalBase = '/portal';
const storageKey = 'kait.portal';

const isHere = /^\/portal(?:\/|$)/.test(window.location.pathname);
let token = '';

/** Whether this is the page of a tenant, who sees only what is its own. */
export function isPortal(): boolean {
  return isHere;
}

/** What the API is asked with. Empty: there is none. */
export function portalToken(): string {
  return token;
}

/** Takes the token out of the address, or else the one that this tab had before it was loaded again. */
export function takePortalToken(): void {
  if (!isHere) return;
  const [, given] = /^#(kaitp_[\w.-]{1,600})$/.exec(window.location.hash) ?? [];
  token = given ?? stored();
  if (given === undefined) return;
  window.history.replaceState(null, '', window.location.pathname + window.location.search);
  try {
    sessionStorage.setItem(storageKey, given);
  } catch {
    // A frame may have no storage. Then the link is needed again after the page is loaded again.
  }
}

function stored(): string {
  try {
    return sessionStorage.getItem(storageKey) ?? '';
  } catch {
    return '';
  }
}
