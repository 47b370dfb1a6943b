import { canonicalJson } from '../format.ts';
import type { LinkOptions, PackageTarget } from '../link/options.ts';

/** Something that linking asked of the world outside, and the answer as text. */
export interface Asked {
  readonly question: Question;
  readonly answer: string;
}

type Question =
  | { readonly kind: 'package'; readonly target: PackageTarget }
  | { readonly kind: 'installed'; readonly file: string; readonly specifier: string }
  | { readonly kind: 'asset'; readonly path: string }
  | { readonly kind: 'project' };

/** The same options, with all that is asked of them written down in `asked`, after `before`; each question once. */
export function listening(
  options: LinkOptions,
  before: readonly Asked[] = [],
): { readonly options: LinkOptions; readonly asked: readonly Asked[] } {
  const asked: Asked[] = [...before];
  const seen = new Set(before.map(({ question }) => canonicalJson(question)));
  const note = <T>(question: Question, answer: T): T => {
    const key = canonicalJson(question);
    if (!seen.has(key)) asked.push({ question, answer: textOf(answer) });
    seen.add(key);
    return answer;
  };
  const packageInfo = (target: PackageTarget) => note({ kind: 'package', target }, options.packageInfo(target));
  return {
    asked,
    options: {
      ...options,
      packageInfo,
      findInstalled: (file, specifier) =>
        note({ kind: 'installed', file, specifier }, options.findInstalled(file, specifier)),
      assets: {
        digest: (path) => note({ kind: 'asset', path }, options.assets.digest(path)),
        project: () => note({ kind: 'project' }, options.assets.project()),
      },
    },
  };
}

/**
 * The questions with the answers of now: the same list when every answer is what it was. Nothing when the answers may
 * lead elsewhere: only the content of files may be another one.
 */
export function askAgain(options: LinkOptions, asked: readonly Asked[]): readonly Asked[] | undefined {
  try {
    const now = asked.map(({ question }) => ({ question, answer: textOf(ask(options, question)) }));
    const changed = now.filter(({ answer }, index) => answer !== asked[index]?.answer);
    if (changed.length === 0) return asked;
    return changed.every(({ question: { kind } }) => kind === 'asset' || kind === 'project') ? now : undefined;
  } catch {
    // A file that cannot be read now says nothing of what it was.
    return undefined;
  }
}

function ask({ packageInfo, findInstalled, assets }: LinkOptions, question: Question): unknown {
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
