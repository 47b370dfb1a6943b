import type { Change } from './edit.ts';
import { codesOf, type Helper, type Program, print, stepsOf } from './program.ts';

/** Changes after which every result that was there can be used. */
export const neutralEdits: Readonly<Record<string, Change>> = {
  'comments and spaces': (random, program) => {
    program.style = random.below(1000);
    return true;
  },
  'names imported otherwise': (_, program) => {
    program.imports++;
    return true;
  },
  'helper renamed': (random, program) => {
    const helper = random.pick(program.modules.flat());
    const [old, name] = [helper.name, `h${program.serial++}`];
    const rename = (text: string) => text.replace(new RegExp(`\\b${old}\\b`, 'g'), name);
    for (const each of program.modules.flat()) each.text = rename(each.text);
    for (const { code } of codesOf(program)) code.text = rename(code.text);
    helper.name = name;
    return true;
  },
  'helper moved': (random, program) => {
    const m = 1 + random.below(2);
    const [to, from] = [program.modules[m - 1], program.modules[m]];
    const movable = from?.filter((one) => !needsOther(one, from)) ?? [];
    if (!to || !from || movable.length === 0) return false;
    const helper = random.pick(movable);
    from.splice(from.indexOf(helper), 1);
    to.push(helper);
    return true;
  },
  'step options': (random, program) => {
    const plain = stepsOf(program.items).filter(({ extras }) => !extras.startsWith('cache'));
    if (plain.length === 0) return false;
    random.pick(plain).extras = random.pick([
      'retry: { times: 1, backoff: "1ms" }',
      `timeout: '50s'`,
      'concurrency: 2',
      '',
    ]);
    return true;
  },
  'members in another order': (_, program) => isRewritten(program),
};

/** What it names stands in the file that it is to leave. */
function needsOther(helper: Helper, file: readonly Helper[]): boolean {
  const text = print(helper);
  return file.some((one) => one !== helper && new RegExp(`\\b${one.name}\\b`).test(text));
}

/** Members of a class may stand in any order. */
function isRewritten(program: Program): boolean {
  return program.members.length > 1 && program.members.reverse().length > 1;
}
