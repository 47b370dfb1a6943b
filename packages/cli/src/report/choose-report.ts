import { VarveError } from '@varve/core/contract';
import { wantsColour } from '../print/format.ts';

export const REPORTERS = ['auto', 'live', 'plain', 'json', 'github'] as const;
export type ReporterName = (typeof REPORTERS)[number];

export interface ReportChoice {
  readonly reporter: Exclude<ReporterName, 'auto'>;
  readonly colour: boolean;
}

/** Inputs of the choice of a reporter. */
export interface ReportContext {
  /** True when stderr, which carries progress, is a terminal. */
  readonly isTTY: boolean;
  readonly columns: number | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly options: { readonly json?: boolean; readonly quiet?: boolean; readonly reporter?: string };
}

/** On terminals narrower than this, plain lines say more than a live frame. */
const NARROWEST = 20;

/**
 * Chooses the reporter: that of `--reporter` or VARVE_REPORTER; else `github` in GitHub Actions, `live` on a terminal
 * that can move its cursor, and `plain` everywhere else. Throws `VarveError` (`VARVE_USAGE`) for an unknown or
 * unusable reporter.
 */
export function chooseReport(context: ReportContext): ReportChoice {
  const requested = requestedReporter(context);
  const reporter = requested === 'auto' ? defaultReporter(context) : requested;
  if (reporter === 'live' && !canMoveCursor(context)) {
    throw new VarveError(
      'VARVE_USAGE',
      'the live reporter needs a terminal, and stderr is none or cannot move its cursor',
      {
        hint: 'Leave --reporter out, or use --reporter plain.',
      },
    );
  }
  return { reporter, colour: reporter !== 'json' && wantsColour(context) };
}

function requestedReporter({ env, options }: ReportContext): ReporterName {
  const flag = options.reporter;
  if (options.json && flag !== undefined && flag !== 'auto' && flag !== 'json') {
    throw new VarveError('VARVE_USAGE', `--json and --reporter ${flag} ask for two different things`, {
      hint: 'Give one of them.',
    });
  }
  if (options.json) return 'json';
  const requested = flag ?? (env.VARVE_REPORTER || 'auto');
  const known = REPORTERS.find((name) => name === requested);
  if (known) return known;
  const from = flag === undefined ? `VARVE_REPORTER=${requested}` : `--reporter ${requested}`;
  throw new VarveError('VARVE_USAGE', `${from}: there is no such reporter`, {
    hint: `Reporters: ${REPORTERS.join(', ')}.`,
  });
}

function defaultReporter(context: ReportContext): 'live' | 'plain' | 'github' {
  const { env, options, columns = NARROWEST } = context;
  if (env.GITHUB_ACTIONS === 'true') return 'github';
  const isLive = canMoveCursor(context) && !isSet(env.CI) && !options.quiet && (columns >= NARROWEST || columns === 0);
  return isLive ? 'live' : 'plain';
}

function canMoveCursor({ isTTY, env }: ReportContext): boolean {
  return isTTY && env.TERM !== 'dumb';
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== 'false' && value !== '0';
}
