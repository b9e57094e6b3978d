/**
 * The looks of the pages behind the links in mails, with the colours of the console's `styles/tokens.css`. Its hash is in the pages'
 * Content-Security-Policy. Mails are read on phones of any age, so dark colours come by a media query instead of `light-dark()`.
 */
export const style = `
:root{color-scheme:light dark;--bg:#f5f6f8;--surface:#fff;--line:#dde1e7;--line-strong:#8a94a3;--text:#161b22;--text-2:#47515e;
--accent:#3b4fd8;--on-accent:#fff;--soft:#e9ecfd;--ok:#0d6237;--ok-soft:#dcf3e5;--bad:#a81f17;--bad-soft:#fde7e5}
@media (prefers-color-scheme:dark){:root{--bg:#0d1014;--surface:#15191f;--line:#272f39;--line-strong:#5c6776;--text:#e7ebf0;--text-2:#adb7c3;
--accent:#8f9dff;--on-accent:#10131c;--soft:#232949;--ok:#74d7a0;--ok-soft:#10301f;--bad:#ff9a91;--bad-soft:#3f1a18}}
*{box-sizing:border-box}
body{margin:0;padding:1rem;background:var(--bg);color:var(--text);font:1rem/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans',sans-serif}
h1,p,dl,dd,fieldset{margin:0}
main{display:grid;gap:1.25rem;max-width:36rem;margin:0 auto;padding:1.5rem;border:1px solid var(--line);border-radius:.75rem;background:var(--surface)}
.brand{max-width:36rem;margin:1rem auto .75rem;display:flex;align-items:center;gap:.5rem;font-weight:650}
.brand svg{color:var(--accent)}
h1{font-size:1.375rem;line-height:1.3;font-weight:650;overflow-wrap:anywhere;white-space:pre-wrap}
dl{display:grid;gap:.125rem 1.5rem}
dt{overflow-wrap:anywhere;margin-top:.5rem;color:var(--text-2);font-size:.875rem}
dd{overflow-wrap:anywhere;white-space:pre-wrap}
form{display:grid;gap:1rem;padding-top:1.25rem;border-top:1px solid var(--line)}
fieldset{display:grid;gap:.5rem;padding:0;border:0}
legend,.label{padding:0;margin-bottom:.375rem;font-weight:600}
.choice{display:flex;align-items:center;gap:.75rem;min-height:3rem;padding:.5rem 1rem;border:1px solid var(--line-strong);border-radius:.5rem;cursor:pointer}
.choice:has(:checked){border-color:var(--accent);background:var(--soft)}
input[type=radio]{width:1.25rem;height:1.25rem;margin:0;accent-color:var(--accent)}
.label{display:block}
textarea{display:block;width:100%;padding:.625rem .75rem;border:1px solid var(--line-strong);border-radius:.5rem;background:var(--surface);color:inherit;font:inherit}
button{justify-self:start;min-height:2.75rem;padding:.5rem 1.25rem;border:0;border-radius:.5rem;background:var(--accent);color:var(--on-accent);font:inherit;font-weight:600;cursor:pointer}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.note{padding:.75rem 1rem;border-radius:.5rem}
.fault{background:var(--bad-soft);color:var(--bad)}
.ok{background:var(--ok-soft);color:var(--ok)}
.small{color:var(--text-2);font-size:.875rem}
@media (min-width:30rem){body{padding:2rem 1rem}main{padding:2rem}dl{grid-template-columns:fit-content(40%) 1fr}dt{margin-top:0;font-size:1rem}fieldset{grid-template-columns:1fr 1fr}legend{grid-column:1/-1}}
@media (max-width:30rem){button{justify-self:stretch}}
`;
