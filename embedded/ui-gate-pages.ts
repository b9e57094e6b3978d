/** What the gate of the Web UI shows instead of it. None of the pages contains anything from a request but the path in a link. */
export const uiGatePage = {
  wrongHost: page('This address is not for the Temporal Web UI.'),
  badRequest: page('The request cannot be read.'),
  foreign: page('Another site cannot use the Temporal Web UI.'),
  noCookie: page(
    'This browser is not admitted to the Temporal Web UI. Run <code>kait status</code> and open its link.',
  ),
  spentTicket: page('This link was used before. Run <code>kait status</code> and open its link.'),
  unavailable: page('Temporal does not answer. Kait starts it again by itself. Reload this page in a few seconds.'),
};

/** Leads to `path`, which must be a path of this server. */
export function forwardingPage(path: string): string {
  const safe = path.replace(/[&"'<>]/g, (character) => `&#${character.charCodeAt(0)};`);
  return page(`<a href="${safe}">Open the Temporal Web UI</a>`, `<meta http-equiv="refresh" content="0; url=${safe}">`);
}

function page(body: string, head = ''): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Kait</title>${head}</head><body><p>${body}</p></body></html>\n`;
}
