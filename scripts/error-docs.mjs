import { readExitCodes, readTable } from './error-docs/read-table.mjs';
import { renderPage } from './error-docs/render-page.mjs';
import { makePage } from './shell/generated-page.mjs';
import { main } from './shell/main.mjs';

await main('error-docs', () =>
  makePage({
    title: 'error codes',
    file: 'docs/reference/errors.md',
    source: 'its table',
    script: 'scripts/error-docs.mjs',
    render: async () => renderPage(await readTable(), await readExitCodes()),
  }),
);
