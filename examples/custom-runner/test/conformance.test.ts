import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runnerFlow } from '@varve/conformance';
import { describeRunner } from '@varve/conformance/vitest';
import { pipeRunner } from 'example-custom-runner';
import ts from 'typescript';
import { createVarve, openTaskParts } from 'varve';
import { afterAll } from 'vitest';
import { contextOfRunner, createProject } from './project.ts';
import Sheets from './sheets.ts';

const project = createProject();
const varve = createVarve({ stack: project.config });
// The first run makes the runner, and with it shows what a runner is given.
await varve.run(Sheets, {}, { module: new URL('sheets.ts', import.meta.url).href });
const context = contextOfRunner();
const { blobs, serializer, hasher, close } = await openTaskParts(context.stack);
afterAll(async () => {
  await close();
  await varve.close();
  project.remove();
});

const bundle = join(project.folder, 'cases.mjs');
const { ES2022, ESNext } = { ...ts.ScriptTarget, ESNext: ts.ModuleKind.ESNext };
writeFileSync(
  bundle,
  ts.transpileModule(runnerFlow, {
    compilerOptions: { target: ES2022, module: ESNext, useDefineForClassFields: false },
  }).outputText,
);
const code = { bundle: pathToFileURL(bundle).href, digest: 'sha256:0', flow: 'Cases' };

describeRunner('pipe-runner', async () => ({
  runner: await pipeRunner({ width: 2, graceMs: 200 }).provides.runner(context),
  code,
  async store(value) {
    const { codec, parts } = serializer.encode(value);
    const size = parts.reduce((sum, part) => sum + part.byteLength, 0);
    const digest = `${hasher.algorithm}:${hasher.hash(parts)}`;
    await blobs.put(digest, parts);
    return { digest, size, codec };
  },
  async load({ reference, bytes }) {
    return serializer.decode(reference.codec, bytes ?? (blobs.read([reference])[0] as Uint8Array));
  },
}));
