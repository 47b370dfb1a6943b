import { VERSION } from '../version.ts';
import { addCache } from './cache/declare.ts';
import { Command } from './commander.ts';
import { addDoctor } from './doctor/declare.ts';
import { addGc, addPin, addRuns } from './keep/declare.ts';
import { addCheck, addCheckStore, addConfig, addFingerprint, addGraph } from './project/declare.ts';
import { addArtifacts, addCode, addList, addLogs, addShow } from './read/declare.ts';
import { addCancel, addResume, addRun, addSpin } from './run/declare.ts';
import { addIndex, addStore } from './store/declare.ts';

/** Listed by `varve --help` in this order. */
const COMMANDS = [
  addRun,
  addResume,
  addSpin,
  addCode,
  addList,
  addShow,
  addLogs,
  addCancel,
  addArtifacts,
  addGc,
  addRuns,
  addPin,
  addStore,
  addIndex,
  addCache,
  addGraph,
  addCheck,
  addConfig,
  addFingerprint,
  addCheckStore,
  addDoctor,
] as const;

const EXAMPLES = `
Examples:
  varve run flow.ts --folds 10          run a flow; --folds is a parameter of the flow
  varve run flow.ts --help              list the flow's parameters
  varve resume                          go on with the newest run that stopped
  varve spin 'train[knn]'               try one task on what the newest run had left for it
  varve show Penguins/12                what a run did
  varve artifacts get @last best        print one artifact as JSON

Runs are named Flow/12, #12, @last, @last-ok or @prev; tasks Flow/12/train[2].`;

/** Builds the command line. Implementations of commands are loaded when they run; `end` receives the exit code. */
export function createProgram(end: (code: number) => void): Command {
  const program = new Command('varve')
    .description('Pipelines as classes: steps run in parallel, every result is kept.')
    .version(VERSION)
    .option('--debug', 'show where an error comes from')
    .helpCommand(false)
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText('after', EXAMPLES);
  for (const add of COMMANDS) add(program, end);
  return program;
}
