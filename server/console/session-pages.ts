/** What a browser shows that the server leads to the console or keeps out. No script runs on it, and nothing is loaded. */
export interface SessionPage {
  status: number;
  html: string;
}

export const sessionPageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/** Leads to the console. Not by a redirect: a browser that came from another site would not send the new cookie along with it. */
export const forwardingPage: SessionPage = {
  status: 200,
  html: page('<p><a href="/">Open the console</a></p>', '<meta http-equiv="refresh" content="0; url=/">'),
};

/** `text` and `remedy` are Kait's own words. */
export function refusingPage(status: number, text: string, remedy: string): SessionPage {
  return { status, html: page(`<h1>${text}</h1>\n<p>${remedy}</p>\n<p><a href="/login">Log in another way</a></p>`) };
}

function page(body: string, head = ''): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Kait</title>
${head}</head>
<body>
${body}
</body>
</html>
`;
}
