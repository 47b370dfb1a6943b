import { givenSecrets, revealedSecrets } from '../flow/authoring/registry.ts';

/** How many tests that run now were given a value. */
const given = new Map<string, number>();

/** Lets steps find these values, and nobody beside `body`. When all tests that had a value have ended, it is no secret any more. */
export async function withSecrets<T>(
  secrets: Readonly<Record<string, string>> | undefined,
  body: () => Promise<T>,
): Promise<T> {
  if (!secrets) return body();
  const values = new Set(Object.values(secrets));
  for (const value of values) given.set(value, (given.get(value) ?? 0) + 1);
  try {
    return await givenSecrets().run(new Map(Object.entries(secrets)), body);
  } finally {
    for (const value of values) release(value);
  }
}

function release(value: string): void {
  const others = (given.get(value) ?? 1) - 1;
  if (others > 0) {
    given.set(value, others);
    return;
  }
  given.delete(value);
  revealedSecrets().delete(value);
}
