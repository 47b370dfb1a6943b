import { readFileSync } from 'node:fs';
import {
  datastoreKit,
  fingerprinterKit,
  hasherKit,
  indexKit,
  metadataKit,
  runnerKit,
  serializerKit,
} from '@varve/conformance';
import { expect, it } from 'vitest';

const page = readFileSync(new URL('../../../docs/write-a-plugin/conformance.md', import.meta.url), 'utf8');

it.each([datastoreKit, fingerprinterKit, hasherKit, indexKit, metadataKit, runnerKit, serializerKit])(
  'docs/write-a-plugin/conformance.md has all cases of $kind (update: node scripts/conformance-docs.mjs)',
  ({ kind, cases }) => {
    const section = page.split(/^## /m).find((part) => part.startsWith(`${kind}\n`)) ?? '';
    const rows = section.split('\n').filter((line) => line.startsWith('| '));
    const shown = rows.slice(2, -1).map((line) => line.split(' | ')[0]?.slice(2));
    expect(shown).toEqual(cases.map(({ name }) => name));
  },
);
