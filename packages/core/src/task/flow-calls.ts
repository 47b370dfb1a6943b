import { checkFlow } from '../flow/check/check-flow.ts';
import { parseParameters } from '../flow/describe/parse-parameters.ts';
import { loadFlow } from './load-flow.ts';
import type { Handlers } from './remote/calls.ts';
import type { FlowCalls } from './remote/protocol.ts';

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
