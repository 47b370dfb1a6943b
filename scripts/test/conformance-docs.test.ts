import { describe, expect, it } from 'vitest';
import { readVerdict } from '../conformance-docs/read-verdict.mjs';
import { renderPage } from '../conformance-docs/render-page.mjs';

const SUITE = 'my store keeps the Datastore contract';
const ABOUT = { kind: 'Datastore', implementation: 'my store', case: 'keeps an empty object' };

describe('a conformance verdict', () => {
  it('names the kind, the implementation and the case', () => {
    expect(readVerdict(SUITE, 'keeps an empty object', 'passed', undefined)).toEqual({ ...ABOUT, state: 'passed' });
  });

  it('gives the reason of a skipped case', () => {
    const expected = { ...ABOUT, state: 'skipped', reason: 'needs copy' };
    expect(readVerdict(SUITE, 'keeps an empty object', 'skipped', 'needs copy')).toEqual(expected);
  });

  it('tells a deviation, with its reason, from a case that passed', () => {
    const expected = { ...ABOUT, state: 'deviates', reason: 'no [empty] ones' };
    const title = 'keeps an empty object [deviates: no [empty] ones]';
    expect(readVerdict(SUITE, title, 'passed', undefined)).toEqual(expected);
  });

  it('is a failure for any state but passed and skipped', () => {
    expect(readVerdict(SUITE, 'keeps an empty object [deviates: x]', 'failed', undefined)?.state).toBe('failed');
    expect(readVerdict(SUITE, 'keeps an empty object', 'pending', undefined)?.state).toBe('failed');
  });

  it('is undefined for any other test', () => {
    expect(readVerdict('the Datastore kit', 'notices a store that forgets', 'passed', undefined)).toBeUndefined();
  });
});

describe('the page of conformance verdicts', () => {
  const passed = { ...ABOUT, state: 'passed' as const };

  it('has a row for each case, a column for each implementation, and counts passed cases', () => {
    const other = { ...passed, implementation: 'other', state: 'skipped' as const, reason: 'needs copy' };
    const page = renderPage([passed, { ...passed, case: 'lists a|b' }, other]);
    expect(page.slice(page.indexOf('## '))).toBe(
      [
        '## Datastore',
        '',
        '| case | my store | other |',
        '| --- | --- | --- |',
        '| keeps an empty object | passed | skipped: needs copy |',
        '| lists a\\|b | passed | not run |',
        '| **2 cases** | **2 passed** | **0 passed** |',
        '',
      ].join('\n'),
    );
  });

  it('shows both verdicts of an implementation that is tested twice where they differ, and counts neither', () => {
    const page = renderPage([{ ...passed, state: 'deviates', reason: 'slow' }, passed]);
    expect(page).toContain('| keeps an empty object | deviates: slow, passed |');
    expect(page).toContain('| **1 cases** | **0 passed** |');
    expect(renderPage([passed, passed])).toContain('| keeps an empty object | passed |');
  });
});
