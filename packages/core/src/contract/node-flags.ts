/** What Node was started with. */
export interface Started {
  readonly execArgv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The values that a flag was given, by `NODE_OPTIONS` and by the command line. `flag`: its name, with a group for `=…`. */
export function flagValues({ execArgv, env }: Started, flag: RegExp): readonly string[] {
  const args = [...wordsOf(env.NODE_OPTIONS ?? ''), ...execArgv];
  return args.flatMap((arg, at) => {
    const match = flag.exec(arg);
    return match ? [match[1] ?? args[at + 1] ?? ''] : [];
  });
}

/** Conditions of `exports` and `imports` that Node was given, in the order of their names. */
export function givenConditions(started: Started): readonly string[] {
  return [...new Set(flagValues(started, /^(?:-C|--conditions)(?:=(.*))?$/s))].sort();
}

/** Blanks divide, but for those in double quotes. */
function wordsOf(text: string): string[] {
  return (text.match(/(?:"(?:\\.|[^"\\])*"|[^\s"])+/g) ?? []).map((word) =>
    word.replace(/"((?:\\.|[^"\\])*)"/g, (_, quoted: string) => quoted.replace(/\\(.)/g, '$1')),
  );
}
