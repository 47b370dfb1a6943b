/** A module that Node did not find. */
export interface MissingModule {
  /** As code asks for it. */
  readonly name: string;
  /** Absolute path of the file that asks, if Node says so. */
  readonly importer: string | undefined;
}

/** What an error of Node's says it did not find; `undefined` for any other error. */
export function missingModule(error: unknown): MissingModule | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  if (error.code !== 'MODULE_NOT_FOUND' && error.code !== 'ERR_MODULE_NOT_FOUND') return undefined;
  const [, name, from] = /^Cannot find (?:module|package) '([^']*)'(?: imported from (.*))?/.exec(error.message) ?? [];
  const [required] = 'requireStack' in error && Array.isArray(error.requireStack) ? error.requireStack : [];
  const importer = from ?? (typeof required === 'string' ? required : undefined);
  return name === undefined ? undefined : { name, importer };
}

/** What to do about it. */
export function missingHint({ name, importer }: MissingModule): string {
  if (/^(\.{0,2}[/\\]|file:|#|[a-z]:)/i.test(name))
    return `There is no such file. See what ${importer ?? 'the file'} names.`;
  const wanted = name.split('/', name.startsWith('@') ? 2 : 1).join('/');
  const owner =
    importer && /^.*[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(importer)?.[1]?.replace('\\', '/');
  const install = `Install it: npm install ${wanted}`;
  return owner === undefined
    ? install
    : `${install}. The package ${owner} needs it; is it complete, and does it declare ${wanted}?`;
}
