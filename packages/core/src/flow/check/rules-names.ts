import { nearest, suggest } from '../authoring/suggest.ts';
import type { StepDescription } from '../describe/description.ts';
import { findingAt, type Rule } from './rule.ts';

/** Names that have another meaning on a flow, or in a task's address. */
const RESERVED = new Set(['init', 'run', 'then', 'toJSON', ...Object.getOwnPropertyNames(Object.prototype)]);

export const noSteps: Rule = ({ flow }) =>
  flow.steps.length > 0
    ? []
    : [
        {
          code: 'VARVE_NO_STEPS',
          message: `${flow.name} has no steps`,
          hint: 'Put @step() before a method.',
        },
      ];

export const reservedName: Rule = ({ flow }) =>
  flow.steps
    .filter((s) => RESERVED.has(s.name))
    .map((s) =>
      findingAt(
        s,
        'VARVE_RESERVED_NAME',
        `a step cannot be called '${s.name}': varve uses that name itself`,
        'Rename the method.',
      ),
    );

export const reservedField: Rule = ({ flow }) =>
  flow.fields
    .filter((name) => name === 'run' || name === '__proto__')
    .map((name) => ({
      code: 'VARVE_RESERVED_NAME',
      message: `a field of ${flow.name} cannot be called '${name}': varve uses that name itself`,
      hint: 'Rename the field.',
    }));

export const stepNameGrammar: Rule = ({ flow }) =>
  flow.steps
    .filter((s) => !/^[A-Za-z][A-Za-z0-9_]*$/.test(s.name))
    .map((s) =>
      findingAt(
        s,
        'VARVE_STEP_NAME',
        `'${s.name}' cannot be the name of a step`,
        'Begin with a letter and go on with letters, digits and _: the name is part of paths and commands.',
      ),
    );

/** The field would hide the step on every instance. */
export const stepIsField: Rule = ({ flow }) =>
  flow.steps
    .filter((s) => flow.fields.includes(s.name))
    .map((s) => findingAt(s, 'VARVE_STEP_NAME', `'${s.name}' is both a step and a field`, 'Rename one of them.'));

export const unknownParent: Rule = ({ flow, steps }) =>
  flow.steps.flatMap((s) =>
    [
      ...(s.join === undefined ? [] : [['join', s.join] as const]),
      ...[...new Set(s.after)].map((a) => ['after', a] as const),
    ]
      .filter(([, name]) => !steps.includes(name))
      .map(([option, name]) =>
        flow.methods.includes(name)
          ? findingAt(
              s,
              'VARVE_NOT_A_STEP',
              `'${s.name}' is ${option} '${name}', which is a method but no step`,
              `Put @step() before ${name}.`,
            )
          : findingAt(
              s,
              'VARVE_UNKNOWN_STEP',
              `'${s.name}' is ${option} '${name}', and there is no such step`,
              suggest(name, steps, 'steps'),
            ),
      ),
  );

export const unknownArtifact: Rule = ({ flow, steps }) =>
  flow.steps.flatMap((s) =>
    artifactsNamed(s).flatMap(([option, name]) => {
      if (steps.includes(name) || flow.methods.includes(name)) {
        const hint = `Name a field of ${flow.name} instead.`;
        return [
          findingAt(
            s,
            'VARVE_NOT_AN_ARTIFACT',
            `'${s.name}' has ${option} '${name}', which is a ${steps.includes(name) ? 'step' : 'method'}, not an artifact`,
            hint,
          ),
        ];
      }
      if (flow.transient.includes(name) || flow.secrets.some((secret) => secret.field === name)) {
        return [
          findingAt(
            s,
            'VARVE_NOT_AN_ARTIFACT',
            `'${s.name}' has ${option} '${name}', which is never stored`,
            'Name a field that is neither transient nor a secret.',
          ),
        ];
      }
      if (!flow.unmentioned.includes(name)) return [];
      return [
        findingAt(
          s,
          'VARVE_UNKNOWN_ARTIFACT',
          `'${s.name}' has ${option} '${name}', and nothing sets such an artifact`,
          suggest(name, flow.fields, 'fields'),
        ),
      ];
    }),
  );

/** A parameter is read-only, so `catch` cannot store there. */
export const catchParameter: Rule = ({ flow }) =>
  flow.steps
    .filter((s) => flow.params.some((p) => p.name === s.catch))
    .map((s) =>
      findingAt(
        s,
        'VARVE_CATCH_PARAMETER',
        `'${s.name}' has catch '${s.catch}', which is a parameter and read-only`,
        'Name a field of its own for the error.',
      ),
    );

export const duplicateParent: Rule = ({ flow }) =>
  flow.steps.flatMap((s) =>
    [...new Set(s.after.filter((name, i) => s.after.indexOf(name) !== i))].map((name) =>
      findingAt(s, 'VARVE_DUPLICATE_PARENT', `'${s.name}' names '${name}' more than once in 'after'`, 'Name it once.'),
    ),
  );

/** Step names that a file system or a person could confuse. */
export const similarNames: Rule = ({ flow }) =>
  flow.steps.flatMap((s, i) => {
    const twin = flow.steps.slice(0, i).find((other) => other.name.toLowerCase() === s.name.toLowerCase());
    return twin
      ? [
          findingAt(
            s,
            'VARVE_STEP_NAME',
            `the steps '${twin.name}' and '${s.name}' differ in case only`,
            'Rename one of them.',
          ),
        ]
      : [];
  });

export const unknownOption =
  (known: readonly string[]): Rule =>
  ({ flow }) =>
    flow.steps.flatMap((s) =>
      Object.keys(s.options)
        .filter((option) => !known.includes(option))
        .map((option) => {
          const near = nearest(option, known);
          const hint = near === undefined ? `The options are: ${known.join(', ')}.` : `Did you mean '${near}'?`;
          return findingAt(
            s,
            'VARVE_UNKNOWN_OPTION',
            `'${s.name}' has the option '${option}', which @step does not know`,
            hint,
          );
        }),
    );

function artifactsNamed(s: StepDescription): [string, string][] {
  const named: [string, string | undefined][] = [
    ['foreach', s.foreach],
    ['when', s.when?.artifact],
    ['catch', s.catch],
  ];
  return named.flatMap(([option, name]) => (name === undefined ? [] : [[option, name] as [string, string]]));
}
