/** Exports of packages that only make values: a pattern for the name, with members as in `z.object`. */
const PURE: Readonly<Record<string, RegExp>> = {
  zod: /^((default|z|\*)\.)?(object|strictObject|looseObject|string|number|int|bigint|boolean|date|symbol|undefined|null|any|unknown|never|void|array|tuple|record|partialRecord|map|set|union|discriminatedUnion|intersection|enum|nativeEnum|literal|optional|nullable|nullish|lazy|promise|function|preprocess|transform|pipe|custom|instanceof|templateLiteral|stringbool|json|email|url|uuid|cuid|cuid2|ulid|nanoid|iso|file|coerce)(\.\w+)?$/,
  valibot:
    /^(\w+\.)?(object|looseObject|strictObject|string|number|bigint|boolean|date|array|tuple|record|map|set|union|variant|intersect|picklist|enum|literal|optional|nullable|nullish|lazy|pipe|transform|check|minLength|maxLength|length|minValue|maxValue|regex|email|url|uuid|integer|any|unknown|never|instance|custom)$/,
  yup: /^(\w+\.)?(object|string|number|boolean|bool|date|array|tuple|mixed|lazy|ref)$/,
  'io-ts': /^(\w+\.)?(type|partial|array|record|union|intersection|literal|tuple|exact|readonly|keyof|recursion)$/,
  'p-limit': /^default$/,
  'p-queue': /^default$/,
  'lodash-es':
    /^(memoize|debounce|throttle|once|partial|partialRight|curry|flow|flowRight|negate|ary|unary|property|matches)$/,
  lodash:
    /^((default|\*)\.)?(memoize|debounce|throttle|once|partial|partialRight|curry|flow|flowRight|negate|ary|unary|property|matches)$/,
  ramda:
    /^(\w+\.)?(pipe|compose|curry|curryN|map|filter|reduce|prop|path|pick|omit|memoizeWith|once|always|cond|ifElse|when|unless)$/,
  remeda: /^(\w+\.)?(pipe|createPipe|piped|map|filter|reduce|prop|pick|omit|once|constant)$/,
  effect: /^(\w+\.)?(pipe|dual|succeed|fail|sync|gen|fn|Struct|Literal|Union|Array|Record|Tag|GenericTag|make)$/,
  immer: /^(produce|default)$/,
  commander: /^(createCommand|Command|Option|Argument)$/,
  react: /^((default|\*)\.)?(createElement|memo|forwardRef|createContext|lazy)$/,
  'react/jsx-runtime': /^(\*|jsx|jsxs|Fragment)$/,
};

/** Returns a predicate for exports of packages that change nothing when called. `more` are `pkg` or `pkg#export`. */
export function pureCalls(more: readonly string[]): (module: string, name: string) => boolean {
  const own = new Set(more);
  return (module, name) => {
    const [first = ''] = name.split('.');
    return (
      (PURE[module]?.test(name) ?? false) ||
      [module, `${module}#${name}`, `${module}#${first}`].some((each) => own.has(each))
    );
  };
}
