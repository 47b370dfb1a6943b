import { canonicalJson } from '../format.ts';
import type { LinkOptions, PackageTarget } from '../link/options.ts';

/** A question that linking asked about packages and files, with the answer as text. Field names are stored. */
export interface LoggedQuery {
  readonly question: Question;
  readonly answer: string;
}

type Question =
  | { readonly kind: 'package'; readonly target: PackageTarget }
  | { readonly kind: 'installed'; readonly file: string; readonly specifier: string }
  | { readonly kind: 'asset'; readonly path: string }
  | { readonly kind: 'project' };

/** Wraps options so that each distinct question is appended once to `log`, which starts with `before`. */
export function recordQueries(
  options: LinkOptions,
  before: readonly LoggedQuery[] = [],
): { readonly options: LinkOptions; readonly log: readonly LoggedQuery[] } {
  const log: LoggedQuery[] = [...before];
  const seen = new Set(before.map(({ question }) => canonicalJson(question)));
  const record = <T>(question: Question, answer: T): T => {
    const key = canonicalJson(question);
    if (!seen.has(key)) log.push({ question, answer: textOf(answer) });
    seen.add(key);
    return answer;
  };
  return {
    log,
    options: {
      ...options,
      packageInfo: (target) => record({ kind: 'package', target }, options.packageInfo(target)),
      findInstalled: (file, specifier) =>
        record({ kind: 'installed', file, specifier }, options.findInstalled(file, specifier)),
      assets: {
        digest: (path) => record({ kind: 'asset', path }, options.assets.digest(path)),
        project: () => record({ kind: 'project' }, options.assets.project()),
      },
    },
  };
}

/**
 * Asks the logged questions again. Returns the same list when every answer is unchanged, a new list when only the
 * content of files changed, and `undefined` when an answer may make references lead elsewhere.
 */
export function repeatQueries(options: LinkOptions, log: readonly LoggedQuery[]): readonly LoggedQuery[] | undefined {
  try {
    const now = log.map(({ question }) => ({ question, answer: textOf(answerTo(options, question)) }));
    const changed = now.filter(({ answer }, index) => answer !== log[index]?.answer);
    if (changed.length === 0) return log;
    return changed.every(({ question: { kind } }) => kind === 'asset' || kind === 'project') ? now : undefined;
  } catch {
    // A file that cannot be read now cannot be compared.
    return undefined;
  }
}

function answerTo({ packageInfo, findInstalled, assets }: LinkOptions, question: Question): unknown {
  switch (question.kind) {
    case 'package':
      return packageInfo(question.target);
    case 'installed':
      return findInstalled(question.file, question.specifier);
    case 'asset':
      return assets.digest(question.path);
    case 'project':
      return assets.project();
  }
}

function textOf(answer: unknown): string {
  return canonicalJson(answer ?? null);
}
