/**
 * Runs flows and prints what the client says of them, as JSON: `node child.mjs <job as JSON>`. A process of its own,
 * because steps must not be loaded, or fail, inside the test runner.
 */

const { core, defaults, runs } = JSON.parse(process.argv[2]);
const { executePrepared, prepareAt } = await import(core);

async function runOne({ file, flow, runner, parameters, workers, stopAfter }) {
  const prepared = await prepareAt(defaults, { file, flow }, { ...(runner && { runner }), workers, graceMs: 500 });
  const said = [];
  const stop = new AbortController();
  const onProgress = (progress) => {
    said.push(progress);
    if (stopAfter !== undefined && progress.text === stopAfter) stop.abort(new Error('interrupted'));
  };
  try {
    const given = Object.fromEntries(
      Object.entries(parameters).map(([name, value]) => [name, { value, from: 'harness' }]),
    );
    const { record, summary } = await executePrepared(prepared, { parameters: given, onProgress, signal: stop.signal });
    return {
      summary,
      said: said.map(({ type, task, status }) => ({ type, task, status })),
      ...(await look(prepared, record)),
    };
  } finally {
    await prepared.close();
  }
}

async function look(prepared, record) {
  const { history } = await prepared.stack.get('history');
  const run = await history.find({ flow: record.flow, run: { id: record.id } });
  const tasks = [];
  for (const task of run.tasks()) tasks.push(await describe(task));
  return { status: run.status, tasks, steps: run.steps };
}

async function describe(task) {
  const { state, references } = task;
  const done = state.status === 'succeeded' || state.status === 'cached';
  const { trail, element, untouched, error } = done ? task.artifacts : {};
  return {
    name: task.name,
    label: task.label,
    status: task.status,
    attempts: state.attempts.map((a) => ({ attempt: a.attempt, error: a.error })),
    caught: state.caught?.message,
    reason: state.reason,
    reads: state.reads,
    log: (await task.log()).map((line) => line.text),
    ...(done && { trail, element, untouched, error, same: references.same }),
  };
}

const results = [];
for (const one of runs) {
  results.push(
    await runOne(one).catch((error) => ({
      failed: { code: error.code, message: error.message, findings: error.findings },
    })),
  );
}
// Abandoned steps may still hold the process open.
process.stdout.write(JSON.stringify(results), () => process.exit(0));
