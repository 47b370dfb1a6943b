import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CodeFingerprint } from '@varve/core/contract';
import { createLoader } from '@varve/loader';
import { onTestFinished } from 'vitest';
import { createFingerprinter, type FingerprintOptions } from '../src/index.ts';

export type Files = Readonly<Record<string, string>>;

/** Files of every project: a manifest, and the framework as an installed package. */
const BASE: Files = {
  'package.json': '{ "name": "app", "type": "module" }',
  'node_modules/varve/package.json': '{ "name": "varve", "version": "1.0.0", "type": "module", "main": "index.js" }',
  'node_modules/varve/index.js':
    'export class Flow {} export const step = () => () => {}; export const transient = () => {};',
};

export interface Project {
  readonly root: string;
  path(name: string): string;
  write(files: Files): void;
  remove(name: string): void;
  fingerprint(steps: readonly string[], options?: FingerprintOptions): Promise<readonly CodeFingerprint[]>;
}

/** A folder of real files with a flow in `flow.ts`, removed after the test. */
export function makeProject(files: Files): Project {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'varve-fp-')));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const path = (name: string) => join(root, name);
  const write = (more: Files) => {
    for (const [name, text] of Object.entries(more)) {
      mkdirSync(dirname(path(name)), { recursive: true });
      writeFileSync(path(name), text);
    }
  };
  write(BASE);
  write(files);
  return {
    root,
    path,
    write,
    remove: (name) => rmSync(path(name), { recursive: true }),
    async fingerprint(steps, options) {
      const { graph } = await createLoader().compile(path('flow.ts'));
      return createFingerprinter(options).fingerprint(graph, 'Example', steps);
    },
  };
}

/** Source of a flow class `Example` with that body, after the top-level code `top`. */
export function flow(top: string, body: string): string {
  return `import { Flow, step, transient } from 'varve';\n${top}\nexport default class Example extends Flow {\n${body}\n}\n`;
}

/** Names of the methods marked as steps. */
export function stepsOf(source: string): readonly string[] {
  return [...source.matchAll(/@step\([^)]*\)\s*(?:async\s+)?(\w+)\(/g)].map(([, name = '']) => name);
}
