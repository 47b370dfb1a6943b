import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { executePrepared, placeBundle, prepareAt } from '@varve/runtime';
import { plantedRunners } from './faults.mjs';

/**
 * A process that compiles flows and runs each twice: with all results of earlier runs at hand, and with none, in another
 * store. Nothing here stands in for a part of varve but the store in memory, and what keeps a run from starting a thread.
 */
const [root, defaults] = process.argv.slice(2);
const ENTRY = join(root, 'all.ts');

/** An engine that is kept open, and the journal events of its runs. */
async function openEngine() {
  const prepared = await prepareAt(defaults, { file: ENTRY, flow: 'Seed' }, { runner: 'inline' });
  const { engine } = prepared;
  const append = engine.io.append.bind(engine.io);
  const one = { prepared: { ...prepared, engine: { ...engine, runners: plantedRunners(engine.runners) } }, events: [] };
  engine.io.append = (event, ...rest) => {
    one.events.push(event);
    return append(event, ...rest);
  };
  return one;
}

let cached;
let fresh;
let loader;

async function openAll() {
  write({ 'all.ts': SEED });
  cached ??= await openEngine();
  await fresh?.prepared.close();
  fresh = await openEngine();
  loader ??= await cached.prepared.stack.require('loader');
}

const SEED = `import { Flow, step } from 'varve';\nexport class Seed extends Flow {\n  @step() first() {}\n}\n`;

function write(files) {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
}

/** Compiles all flows together; each is fingerprinted with the modules that it can reach. */
async function make({ files, flows, compare }) {
  for (const { id } of flows) rmSync(join(root, id), { recursive: true, force: true });
  write({ ...files, 'all.ts': flows.map(({ id }) => `export * from './${id}/flow.ts';\n`).join('') });
  const whole = await loader.compile(ENTRY);
  const bundle = placeBundle(cached.prepared.setup.stateDir, 'flow', whole);
  const results = [];
  for (const flow of flows) results.push(await runTwice(flow, whole, bundle, compare ?? 'off'));
  return results;
}

async function runTwice({ id, parameters, env }, whole, bundle, mode) {
  for (const [name, value] of Object.entries(env)) {
    if (value === null) delete process.env[name];
    else process.env[name] = String(value);
  }
  const folder = join(root, id);
  const modules = whole.graph.modules.filter(({ path }) => path.startsWith(`${folder}/`));
  const graph = { ...whole.graph, entry: join(folder, 'flow.ts'), modules };
  const code = { bundle, digest: whole.digest, flow: id };
  const description = await cached.prepared.engine.flow.describe({ bundle, file: ENTRY, flow: id });
  if (description.findings.length > 0) return { invalid: description.findings.map(({ message }) => message) };
  const given = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, { value, from: 'audit' }]));
  const run = async (engine, cacheRequest) => {
    const prepared = { ...engine.prepared, compilation: { ...whole, graph }, code, description };
    prepared.engine.setDescription(description);
    engine.events = [];
    const warnings = [];
    const onProgress = (said) => said.type === 'warning' && warnings.push(said.message);
    const { summary } = await executePrepared(prepared, { parameters: given, cacheRequest, onProgress });
    return { status: summary.status, warnings, ...told(engine.events) };
  };
  return { cached: await run(cached, { mode: 'rw' }), fresh: await run(fresh, { mode }) };
}

/** Outcome of a run by task. */
function told(events) {
  const tasks = {};
  for (const event of events) {
    if (event.type === 'task-succeeded') {
      const writes = Object.entries(event.writes).map(([name, { codec, digest }]) => `${name} ${codec} ${digest}`);
      const deletes = [...(event.deletes ?? [])].sort();
      const { via, why, from, reads = [] } = event;
      tasks[event.task] = { status: 'succeeded', via, why, from, reads, writes, deletes };
    } else if (event.type === 'task-skipped')
      tasks[event.task] = { status: 'skipped', writes: [], deletes: [], reads: [] };
    else if (event.type === 'task-failed' && !event.retrying)
      tasks[event.task] = { status: 'failed', error: event.error.message, writes: [], deletes: [], reads: [] };
  }
  return { tasks };
}

process.on('message', async ({ ask, ...question }) => {
  try {
    if (ask === 'open') await openAll();
    process.send({ answer: ask === 'make' ? await make(question) : 'open' });
  } catch (error) {
    process.send({ error: `${error.stack}\n${JSON.stringify(error.findings ?? [])}` });
  }
});
