import { expect, it } from 'vitest';
import { audit } from './audit.ts';
import { FAULTS } from './faults.mjs';
import { openWorkshop } from './workshop.ts';

/** Faults to test without `VARVE_AUDIT_EDITS`. It tests all of them, some of which few flows show. */
const SOON = ['a parameter is no read', 'only the first read counts', 'code is the method alone'];
const isLong = process.env.VARVE_AUDIT_EDITS !== undefined;
/** Each fault must be found within so many edits. */
const MOST = isLong ? 2_000 : 300;

it.each(isLong ? Object.keys(FAULTS).filter((name) => name !== 'none') : SOON)(
  'the random cache audit detects a planted fault: %s',
  async (fault) => {
    const workshop = await openWorkshop(fault);
    try {
      const { edits, wrong } = await audit(workshop, { seed: 1, edits: MOST, untilWrong: true });
      if (isLong) console.info(`${fault}: found after ${edits} edits, the last one ${wrong[0]?.edit}`);
      expect(wrong.length).toBeGreaterThan(0);
    } finally {
      await workshop.close();
    }
  },
  3_600_000,
);
