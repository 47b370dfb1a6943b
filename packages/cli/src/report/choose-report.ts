import { VarveError } from '@varve/core/contract';
import { wantsColour } from '../print/format.ts';

export const REPORTERS = ['auto', 'live', 'plain', 'json', 'github'] as const;
export type ReporterName = (typeof REPORTERS)[number];

export interface ReportChoice {
  readonly reporter: Exclude<ReporterName, 'auto'>;
  readonly colour: boolean;
}

/** All that decides how a run is shown. */
export interface ReportSigns {
  /** Whether progress (stderr) goes to a terminal, and how wide that is. */
  readonly isTTY: boolean;
  readonly columns: number | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly options: { readonly json?: boolean; readonly quiet?: boolean; readonly reporter?: string };
}

/** Narrower than this, a picture says less than lines do. */
const NARROWEST = 20;

/**
 * How a run is shown: as asked for with `--reporter` or VARVE_REPORTER; else for GitHub on GitHub, live on a terminal
 * that can move its cursor, and line by line everywhere else. Throws `VarveError` (`VARVE_USAGE`) for a wish that
 * cannot be granted.
 */
export function chooseReport(signs: ReportSigns): ReportChoice {
  const asked = askedFor(signs);
  const reporter = asked === 'auto' ? suited(signs) : asked;
  if (reporter === 'live' && !canMoveCursor(signs)) {
    throw new VarveError(
      'VARVE_USAGE',
      'the live reporter needs a terminal, and stderr is none or cannot move its cursor',
      {
        hint: 'Leave --reporter out, or use --reporter plain.',
      },
    );
  }
  return { reporter, colour: reporter !== 'json' && wantsColour(signs) };
}

function askedFor({ env, options }: ReportSigns): ReporterName {
  const flag = options.reporter;
  if (options.json && flag !== undefined && flag !== 'auto' && flag !== 'json') {
    throw new VarveError('VARVE_USAGE', `--json and --reporter ${flag} ask for two different things`, {
      hint: 'Give one of them.',
    });
  }
  if (options.json) return 'json';
  const asked = flag ?? (env.VARVE_REPORTER || 'auto');
  const known = REPORTERS.find((name) => name === asked);
  if (known) return known;
  const from = flag === undefined ? `VARVE_REPORTER=${asked}` : `--reporter ${asked}`;
  throw new VarveError('VARVE_USAGE', `${from}: there is no such reporter`, {
    hint: `Reporters: ${REPORTERS.join(', ')}.`,
  });
}

function suited(signs: ReportSigns): 'live' | 'plain' | 'github' {
  const { env, options, columns = NARROWEST } = signs;
  if (env.GITHUB_ACTIONS === 'true') return 'github';
  const isLive = canMoveCursor(signs) && !isSet(env.CI) && !options.quiet && (columns >= NARROWEST || columns === 0);
  return isLive ? 'live' : 'plain';
}

function canMoveCursor({ isTTY, env }: ReportSigns): boolean {
  return isTTY && env.TERM !== 'dumb';
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== 'false' && value !== '0';
}
