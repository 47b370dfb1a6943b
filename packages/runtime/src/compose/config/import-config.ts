import { VarveError } from '@varve/core/contract';
import { missingExport } from './missing-export.ts';

/**
 * The default export of a config. A config runs in the process of the command, so what would end that process, or leave it with
 * nothing to wait for, is an error of the config. Throws `VARVE_CONFIG`.
 */
export async function importConfig(url: string, file: string): Promise<unknown> {
  const guard = new Guard(file);
  try {
    return await Promise.race([importDefault(url), guard.broken]);
  } catch (error) {
    if (error === guard.fault) throw error;
    const missing = await missingExport(error, file);
    if (missing) throw missing;
    const line = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new VarveError('VARVE_CONFIG', `${file} threw while it was loaded: ${line}`, { cause: error, hint: MEND });
  } finally {
    guard.end();
  }
}

const MEND = 'Mend the file, or leave it out with another --config.';

async function importDefault(url: string): Promise<unknown> {
  return ((await import(url)) as { default?: unknown }).default;
}

/** Several configs may be loaded at once. */
const guards = new Set<Guard>();
/** Node's own. A worker has put another there, and compares it from task to task: then it is left alone. */
const { exit } = process;

const refuseExit: typeof process.exit = (code) => {
  // Somebody has kept this function while a config was loaded.
  if (guards.size === 0) return exit.call(process, code);
  const faults = [...guards].map((guard) =>
    guard.break(`ends the process (process.exit(${code ?? ''})) while it is loaded`),
  );
  throw faults[0];
};

/** Notices what a module does to the process while it is loaded. */
class Guard {
  fault: VarveError | undefined;
  readonly broken: Promise<never>;
  private reject: (error: VarveError) => void = () => {};

  constructor(private readonly file: string) {
    this.broken = new Promise<never>((_, reject) => {
      this.reject = reject;
    });
    this.broken.catch(() => {});
    process.on('beforeExit', this.onIdle);
    process.on('uncaughtException', this.onThrow);
    guards.add(this);
    if (process.exit === exit) process.exit = refuseExit;
  }

  end(): void {
    process.off('beforeExit', this.onIdle);
    process.off('uncaughtException', this.onThrow);
    guards.delete(this);
    if (guards.size === 0 && process.exit === refuseExit) process.exit = exit;
  }

  break(what: string, cause?: unknown): VarveError {
    this.fault ??= new VarveError('VARVE_CONFIG', `${this.file} ${what}`, {
      hint: MEND,
      ...(cause !== undefined && { cause }),
    });
    this.reject(this.fault);
    return this.fault;
  }

  private readonly onIdle = (): void => {
    this.break('never finishes loading: it awaits something that does not come');
  };

  private readonly onThrow = (error: unknown): void => {
    const line = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    this.break(`threw while it was loaded, where nothing caught it: ${line}`, error);
  };
}
