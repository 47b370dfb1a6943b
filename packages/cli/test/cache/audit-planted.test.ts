import { expect, it } from 'vitest';
import { audit } from './audit/audit.ts';
import { FAULTS } from './audit/faults.mjs';
import { openWorkshop } from './audit/workshop.ts';

/** Within how many edits each has to be found. */
const MOST = Number(process.env.VARVE_AUDIT_MOST ?? 400);

it.each(Object.keys(FAULTS).filter((name) => name !== 'none'))(
  'finds out when %s',
  async (fault) => {
    const workshop = await openWorkshop(fault);
    try {
      const { edits, runs, wrong } = await audit(workshop, { seed: 1, edits: MOST, untilWrong: true });
      console.info(`${fault}: ${edits} edits, ${runs} runs, after: ${wrong[0]?.edit}`);
      expect(wrong.length).toBeGreaterThan(0);
    } finally {
      await workshop.close();
    }
  },
  600_000,
);
