import { checkFlow } from '../flow/check-flow.ts';
import { parseParameters } from '../flow/parse-parameters.ts';
import type { Handlers } from './calls.ts';
import { loadFlow } from './load-flow.ts';
import type { FlowCalls } from './worker-protocol.ts';

/** Answers questions about a flow in the thread that has loaded it. */
export const flowCalls: Handlers<FlowCalls> = {
  async describe(code) {
    const { description } = await loadFlow(code);
    return { ...description, findings: [...description.findings, ...checkFlow(description)] };
  },
  async parse({ code, given }) {
    const { Class } = await loadFlow(code);
    const { shown, findings } = await parseParameters(Class, given);
    return { shown, findings };
  },
};
