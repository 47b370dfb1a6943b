/** Faults of a cache that the audit must find. An environment variable selects one. */
const forget = (pattern) => ({ reads: (reads) => reads.filter((read) => !pattern.test(read)) });

const shorter = (change) => ({ fingerprint: (found) => ({ ...found, ...change(found) }) });

export const FAULTS = {
  none: {},
  'the element is no read': forget(/^@element$/),
  'the index is no read': forget(/^@index$/),
  'the number of joined tasks is no read': forget(/^@length$/),
  'what is read of joined tasks is no read': forget(/^!?\[/),
  'what is read of branches is no read': forget(/^!?s\d+\./),
  'which branches ran is no read': forget(/^@branches$/),
  'the set of names is no read': forget(/^\*$/),
  'a name looked for in vain is no read': forget(/^!/),
  'a parameter is no read': forget(/^q\d$/),
  'only the first read counts': { reads: (reads) => reads.slice(0, 1) },
  'variables of the environment are in no key': shorter(() => ({ env: [] })),
  'code is the method alone': shorter(({ nodes }) => ({ code: nodes[0]?.own ?? 'none' })),
  'code of other files does not count': shorter(({ nodes }) => ({ code: ownOf(nodes, /flow\.ts/) })),
  'code of base classes does not count': shorter(({ nodes }) => ({ code: ownOf(nodes, /^(?!.*base\.ts)/) })),
};

function ownOf(nodes, file) {
  return nodes.flatMap(({ label, own }) => (file.test(label) ? [own] : [])).join() || 'none';
}

export const plantedFault = FAULTS[process.env.VARVE_AUDIT_FAULT ?? 'none'];

/** Wraps runners so that their tasks do not report the reads that the fault forgets. */
export function plantedRunners(runners) {
  const { reads } = plantedFault;
  if (!reads) return runners;
  const planted = (runner) => ({
    name: runner.name,
    capabilities: runner.capabilities,
    run: async (spec, options) => {
      const outcome = await runner.run(spec, options);
      return outcome.ok && spec.task !== 'init' ? { ...outcome, reads: reads(outcome.reads) } : outcome;
    },
    close: () => runner.close?.(),
  });
  return { names: runners.names, runner: (name) => planted(runners.runner(name)), close: () => runners.close() };
}
