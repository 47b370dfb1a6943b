import { appendFileSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { type AuditReport, audit, tell } from './audit.ts';
import { openWorkshop } from './workshop.ts';

/** Total number of edits; `VARVE_AUDIT_EDITS=10000` makes a long run, `VARVE_AUDIT_SEED` another one. */
const EDITS = Number(process.env.VARVE_AUDIT_EDITS ?? 240);
const SEED = Number(process.env.VARVE_AUDIT_SEED ?? 20_262);

/** File that gets a line after every few hundred edits. */
const LOG = process.env.VARVE_AUDIT_LOG;

const workshop = await openWorkshop();
afterAll(() => workshop.close());

it('randomly edited flows write the same artifacts with cached results as without', {
  timeout: 7_200_000,
}, async () => {
  const began = Date.now();
  const said = ({ wrong, ...report }: AuditReport) =>
    JSON.stringify({ ...report, seconds: (Date.now() - began) / 1000, wrong: wrong.length });
  const onChain = (report: AuditReport) => LOG && appendFileSync(LOG, `${said(report)}\n`);
  const report = await audit(workshop, { seed: SEED, edits: EDITS, onChain });
  const { wrong } = report;
  if (wrong.length > 0) console.info(tell(wrong));
  if (process.env.VARVE_AUDIT_EDITS) console.info(said(report));
  expect(wrong.map(({ seed, edit, differences }) => ({ seed, edit, differences }))).toEqual([]);
});
