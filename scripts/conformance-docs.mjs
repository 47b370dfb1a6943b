import { renderPage } from './conformance-docs/render-page.mjs';
import { runKits } from './conformance-docs/run-kits.mjs';
import { makePage } from './shell/generated-page.mjs';
import { main } from './shell/main.mjs';

await main('conformance-docs', () =>
  makePage({
    title: 'conformance',
    file: 'docs/write-a-plugin/conformance.md',
    source: 'the run',
    script: 'scripts/conformance-docs.mjs',
    render: async () => renderPage(await runKits()),
  }),
);
