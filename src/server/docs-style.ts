/** How the page of the API looks, by day and by night. */
export const DOCS_STYLE = `
:root {
  color-scheme: light dark;
  --line: light-dark(#d8dce2, #343a42);
  --soft: light-dark(#f4f6f8, #1c2127);
  --faint: light-dark(#5b6470, #9aa4b0);
  --link: light-dark(#0b5cad, #7db7f5);
}
* { box-sizing: border-box; }
body {
  margin: 0; display: grid; grid-template-columns: 22rem minmax(0, 1fr);
  font: 16px/1.5 system-ui, sans-serif;
  color: light-dark(#1b2027, #e3e7ec); background: light-dark(#fff, #14181d);
}
a { color: var(--link); text-decoration: none; }
a:hover, a:focus-visible { text-decoration: underline; }
nav {
  position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 1.5rem;
  background: var(--soft); border-right: 1px solid var(--line); font-size: 0.85rem;
}
nav h2 { margin: 0 0 1rem; font-size: 1.1rem; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav li { padding: 0.15rem 0; overflow-wrap: anywhere; }
main { padding: 2rem 3rem 6rem; max-width: 64rem; }
h1 { margin-top: 0; line-height: 1.2; }
section { margin-top: 2.5rem; padding-top: 1.5rem; border-top: 1px solid var(--line); scroll-margin-top: 1rem; }
section h2 { font-size: 1.15rem; margin: 0; overflow-wrap: anywhere; }
section h2 code { font-size: 1.05rem; }
h3 { font-size: 0.95rem; margin: 1.25rem 0 0.25rem; }
p { margin: 0.5rem 0; }
code, pre { font-family: ui-monospace, 'DejaVu Sans Mono', monospace; font-size: 0.85rem; }
pre {
  background: var(--soft); border: 1px solid var(--line); border-radius: 6px;
  padding: 0.75rem 1rem; overflow-x: auto;
}
b { font: 700 0.7rem ui-monospace, monospace; letter-spacing: 0.04em; }
b.get { color: light-dark(#0a6b46, #63d0a1); }
b.post { color: light-dark(#0b5cad, #7db7f5); }
b.delete { color: light-dark(#b3261e, #ff9d94); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; margin: 0.75rem 0; }
th, td { text-align: left; vertical-align: top; padding: 0.35rem 0.75rem 0.35rem 0; border-bottom: 1px solid var(--line); font-weight: inherit; }
thead th { color: var(--faint); font-size: 0.8rem; }
small, summary { color: var(--faint); }
summary { cursor: pointer; }
abbr { color: light-dark(#b3261e, #ff9d94); text-decoration: none; }
@media (max-width: 56rem) {
  body { display: block; }
  nav { position: static; height: auto; border-right: 0; border-bottom: 1px solid var(--line); }
  main { padding: 1.5rem; }
}
`;
