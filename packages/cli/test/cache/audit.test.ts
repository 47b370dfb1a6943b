import { afterAll, expect, it } from 'vitest';
import { audit } from './audit/audit.ts';
import { openWorkshop } from './audit/workshop.ts';

/** Edits in all; `VARVE_AUDIT_EDITS=10000` for a long run, `VARVE_AUDIT_SEED` for another one. */
const EDITS = Number(process.env.VARVE_AUDIT_EDITS ?? 300);
const SEED = Number(process.env.VARVE_AUDIT_SEED ?? 20_262);

const workshop = await openWorkshop();
afterAll(() => workshop.close());

it('leaves with the results of all earlier runs what it leaves without any', { timeout: 7_200_000 }, async () => {
  const began = Date.now();
  const { wrong, ...report } = await audit(workshop, { seed: SEED, edits: EDITS });
  console.info({ ...report, seconds: (Date.now() - began) / 1000, wrong: wrong.length });
  expect(wrong).toEqual([]);
});
