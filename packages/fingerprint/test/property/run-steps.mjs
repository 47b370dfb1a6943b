import { pathToFileURL } from 'node:url';
import { parentPort } from 'node:worker_threads';

let serial = 0;

/** Runs a step in fresh modules and returns the fields it set on the flow. */
async function runStep(bundle, step) {
  delete globalThis.shared_a;
  delete globalThis.shared_b;
  let instance;
  try {
    const { default: Example } = await import(`${pathToFileURL(bundle).href}?${serial++}`);
    instance = Object.assign(new Example(), { rows: 7 });
  } catch (error) {
    return `not loaded: ${error}`;
  }
  try {
    instance[step]();
    return JSON.stringify(Object.entries(instance).filter(([name]) => name.startsWith('out')));
  } catch (error) {
    return String(error);
  }
}

parentPort.on('message', async ({ bundle, steps }) => {
  const outputs = [];
  for (const step of steps) outputs.push(await runStep(bundle, step));
  parentPort.postMessage(outputs);
});
