import { Session } from 'node:inspector/promises';
import { pathToFileURL } from 'node:url';
import { parentPort } from 'node:worker_threads';

const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });

let serial = 0;

/** Takes the functions of a module that ran since they were last taken: start and end in its text. */
async function take(url) {
  const { result } = await session.post('Profiler.takePreciseCoverage');
  const scripts = result.filter((script) => script.url.startsWith(`${url}?`));
  const ranges = scripts.flatMap(({ functions }) => functions.flatMap((each) => each.ranges));
  return ranges.filter(({ count }) => count > 0).map(({ startOffset, endOffset }) => [startOffset, endOffset]);
}

/** Arguments of each call of a step: one call for each element of a list, or one with what the step before left. */
function argumentsOf({ each, join }, instance, before) {
  if (join) return [[[before]]];
  return each === undefined ? [[]] : instance[each].map((item) => [item]);
}

/** Runs a step in fresh modules, on an object with the fields that the step before left. */
async function runCovered(url, call, given, before) {
  await take(url);
  const { default: Example } = await import(`${url}?${serial++}`);
  const instance = Object.assign(new Example(), before, given);
  const loaded = await take(url);
  let failure;
  try {
    for (const given of argumentsOf(call, instance, before)) await instance[call.step](...given);
  } catch (error) {
    failure = String(error);
  }
  return { instance, loaded, ran: await take(url), failure };
}

parentPort.on('message', async ({ bundle, calls, given }) => {
  const url = pathToFileURL(bundle).href;
  const found = [];
  let before = {};
  try {
    for (const call of calls) {
      const { instance, ...rest } = await runCovered(url, call, given, before);
      before = { ...instance };
      found.push(rest);
    }
    parentPort.postMessage({ steps: found });
  } catch (error) {
    parentPort.postMessage({ steps: [], failure: String(error) });
  }
});
