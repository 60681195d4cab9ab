import { DOCS_STYLE } from './docs-style.ts';
import { schemaText } from './schema-text.ts';

/** What the page reads of an OpenAPI document. */
export interface ApiDocument {
  readonly info: { readonly title: string; readonly version: string };
  readonly paths?: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Operation {
  readonly summary?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content?: Content };
  readonly responses?: Readonly<Record<string, Answer>>;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly example?: unknown;
  readonly schema?: object;
}

interface Answer {
  readonly description?: string;
  readonly content?: Content;
}

type Content = Readonly<Record<string, { readonly schema?: object; readonly example?: unknown }>>;

/** An operation, and where it is. */
interface Placed extends Operation {
  readonly method: string;
  readonly path: string;
}

/** HTML of which nothing is to be escaped any more. */
class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** HTML with values that are text, unless they are HTML or lists of it. */
function html(
  parts: TemplateStringsArray,
  ...values: readonly (string | Html | readonly Html[])[]
): Html {
  const texts = values.map((value) => {
    if (typeof value === 'string') return escaped(value);
    return value instanceof Html ? value.text : value.map(({ text }) => text).join('');
  });
  return new Html(String.raw({ raw: parts }, ...texts));
}

/** An OpenAPI document for people: one page of HTML that needs nothing else. */
export function docsPage({ info, paths = {} }: ApiDocument): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...operation,
      method: method.toUpperCase(),
      path,
    })),
  );
  const { text } = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${info.title} over HTTP</title>
<link rel="icon" href="data:,">
<style>${new Html(DOCS_STYLE)}</style>
</head>
<body>
<nav aria-label="Operations">
<h2><a href="#top">${info.title}</a> <small>${info.version}</small></h2>
<ul>${operations.map((operation) => html`<li><a href="#${idOf(operation)}">${methodOf(operation)} ${operation.path}</a></li>\n`)}</ul>
</nav>
<main id="top">
<h1>${info.title} over HTTP</h1>
<p>For programs this page is <a href="/openapi.json">/openapi.json</a>. The examples are for a shell that knows where the service is, and a key;
without keys only the machine itself is answered, and none is needed.</p>
<pre><code>DAYBOOK=http://127.0.0.1:8000
KEY=daybook_…   # daybook keys create --name me</code></pre>
<p>Every error is <code>application/problem+json</code> (RFC 9457).</p>
${operations.map(section)}
</main>
</body>
</html>
`;
  return text;
}

function section(operation: Placed): Html {
  const { summary = '', path, parameters = [], requestBody, responses = {} } = operation;
  const answers = Object.entries(responses).filter(([status]) => status !== 'default');
  return html`<section id="${idOf(operation)}">
<h2>${methodOf(operation)} <code>${path}</code></h2>
<p>${prose(summary)}</p>
<pre><code>${curlOf(operation)}</code></pre>
${parameters.length > 0 ? parameterTable(parameters) : ''}
${requestBody?.content ? [html`<h3>Body</h3>`, ...contentOf(requestBody.content)] : ''}
${answers.map(([status, { description = '', content = {} }]) => html`<h3>${status}</h3>\n<p>${description === 'Default Response' ? '' : prose(description)}</p>\n${contentOf(content)}`)}
</section>
`;
}

function parameterTable(parameters: readonly Parameter[]): Html {
  const rows = parameters.map(
    ({ name, in: place, required = false, schema = {}, description = '' }) => html`<tr>
<th scope="row"><code>${name}</code>${required ? html`<abbr title="required">*</abbr>` : ''}</th>
<td>${place}</td><td><code>${schemaText(schema)}</code></td><td>${prose(description)}</td></tr>
`,
  );
  return html`<div class="wide"><table>
<thead><tr><th scope="col">Parameter</th><th scope="col">In</th><th scope="col">Type</th><th scope="col"></th></tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

/** Media types, those of one schema together. */
function contentOf(content: Content): Html[] {
  const types = new Map<string, string[]>();
  for (const [type, { schema = {} }] of Object.entries(content)) {
    const text = schemaText(schema);
    types.set(text, [...(types.get(text) ?? []), type]);
  }
  return [...types].map(([text, names]) => {
    const listed = html`<code>${names.join(', ')}</code>`;
    return text.includes('\n')
      ? html`<details><summary>${listed}</summary><pre><code>${text}</code></pre></details>\n`
      : html`<p>${listed}</p>\n`;
  });
}

/** How to ask, with what stands as examples in the document. */
function curlOf({ method, path, parameters = [], requestBody, responses }: Placed): string {
  const examples = new Map(parameters.map(({ name, example }) => [name, example]));
  const filled = path.replaceAll(/[{]([^}]+)[}]/g, (word, name) =>
    examples.get(name) === undefined ? word : encodeURIComponent(String(examples.get(name))),
  );
  const query = parameters
    .filter((parameter) => parameter.in === 'query' && parameter.example !== undefined)
    .map(({ name, example }) =>
      `${name}=${encodeURIComponent(String(example))}`.replaceAll('%3A', ':'),
    );
  const [[type, media] = []] = Object.entries(requestBody?.content ?? {}).filter(
    ([, { example }]) => example !== undefined,
  );
  const sent =
    type === undefined
      ? ''
      : ` \\\n  -H 'Content-Type: ${type}' -d '${JSON.stringify(media?.example)}'`;
  const isLive = responses?.['200']?.content?.['text/event-stream'] !== undefined;
  const words = isLive ? ' -N' : method === 'GET' ? '' : ` -X ${method}`;
  const place = `$DAYBOOK${filled}${query.length > 0 ? `?${query.join('&')}` : ''}`;
  return `curl${words} "${place}" \\\n  -H "Authorization: Bearer $KEY"${sent}`;
}

/** Text in which words between backticks are code. */
function prose(text: string): Html[] {
  return text
    .split('`')
    .map((part, i) => (i % 2 === 0 ? html`${part}` : html`<code>${part}</code>`));
}

function methodOf({ method }: Placed): Html {
  return html`<b class="${method.toLowerCase()}">${method}</b>`;
}

function idOf({ method, path }: Placed): string {
  return `${method}${path.replaceAll(/[^\w]+/g, '-')}`.toLowerCase();
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
