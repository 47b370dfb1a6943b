import type { ObserveOptions } from '../options.ts';
import { installDisguise } from '../shared/disguise.ts';
import { installChance } from './calls/chance.ts';
import { installChildren, type NoteCommand } from './calls/children.ts';
import { installClock } from './calls/clock.ts';
import { installDatabases } from './calls/databases.ts';
import { installInnerState, installStandardInput, installTimings } from './calls/inner-state.ts';
import { installNetwork } from './calls/network.ts';
import type { NoteFile } from './calls/note-call.ts';
import { installManifests } from './calls/package-manifests.ts';
import { installRealms } from './calls/realms.ts';
import { installPrograms } from './calls/web-assembly.ts';
import { installDates } from './inputs/dates.ts';
import { installEnvironment } from './inputs/environment.ts';
import { installFacts } from './inputs/facts.ts';
import { installLocales } from './inputs/locales.ts';
import { installTemporal } from './inputs/temporal.ts';
import { Variables } from './inputs/variables.ts';
import { forgetZone, Regions } from './inputs/zone.ts';
import { configure } from './settings.ts';

let variables: Variables | undefined;
let isInstalled = false;

/**
 * Observes everything but files and modules in this thread; called again, it only takes the new options. `noteFile` is told
 * of files that Node's native side reads, e.g. for `loadEnvFile`, `noteCommand` of those that a command names. Call
 * `syncBuiltinESMExports` afterwards.
 */
export function installProcess(
  options: ObserveOptions,
  noteFile: NoteFile = () => {},
  noteCommand: NoteCommand = () => undefined,
): void {
  configure(options);
  if (isInstalled) return;
  isInstalled = true;
  variables = new Variables(process.env, forgetZone);
  const regions = new Regions(variables);
  installDisguise();
  const reads = installEnvironment(variables, noteFile);
  installDates(regions);
  installLocales(regions);
  installTemporal(regions);
  installFacts();
  installClock();
  installChance();
  installNetwork();
  installChildren(noteCommand, reads);
  installRealms(regions);
  installTimings();
  installInnerState();
  installStandardInput();
  installDatabases(noteFile);
  installPrograms();
  installManifests(noteFile);
}

/** The variables of this thread without what running attempts have set. */
export function outerVariables(): Pick<Variables, 'outer' | 'foreignNames'> {
  variables ??= new Variables(process.env, forgetZone);
  return variables;
}
