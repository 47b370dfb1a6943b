import { isSound, type Repair, type Verification } from '@varve/client';
import { EXIT } from '../../exit-codes.ts';
import { bytes, counted, type Paint, painter } from '../../print/format.ts';
import { print, printJson } from '../../print/stdout.ts';
import { plain } from '../../print/text.ts';
import { withHistory } from '../open-project.ts';
import type { CommonOptions } from '../options.ts';
import { invalidationNote } from './results.ts';

/** Most damaged results to list; the others are counted. */
const SHOWN = 50;

export interface CacheVerifyOptions extends CommonOptions {
  readonly repair?: boolean;
}

/** `varve cache verify`: exit code 0 when everything is sound or was repaired, 1 when there is damage. */
export function cacheVerify(selector: string | undefined, options: CacheVerifyOptions): Promise<number> {
  return withHistory(
    options,
    async ({ results, store }) => {
      const query = selector === undefined ? {} : await results.resolve(selector);
      const note = options.repair ? invalidationNote('its bytes are missing or damaged') : undefined;
      const found = await results.verify(query, note);
      if (options.json) printJson({ store, sound: isSound(found), ...found });
      else print(renderVerification(found, painter(process.stdout)).join('\n'));
      return isSound(found) || found.repair ? EXIT.ok : EXIT.failed;
    },
    'long',
  );
}

function renderVerification(found: Verification, paint: Paint): string[] {
  const { damagedPages, damagedResults, otherFormat, unchecked } = found;
  const bad = paint('red', '✖');
  const faults = damagedResults.slice(0, SHOWN).map(({ name, faults }) => {
    const [first] = faults;
    const more = faults.length > 1 ? ` and ${faults.length - 1} more` : '';
    return `${bad} ${plain(name)}: ${plain(first?.name ?? '')} is ${first?.state} (${first?.reference.digest.slice(0, 19)})${more}`;
  });
  const rest = damagedResults.length - faults.length;
  return [
    ...damagedPages.map(({ object, message }) => `${bad} ${object}: ${plain(message)}`),
    ...faults,
    ...(rest > 0 ? [`${bad} ${rest} more results`] : []),
    ...(otherFormat.length > 0
      ? [`! ${counted(otherFormat.length, 'page')} of another version of varve: left alone`]
      : []),
    ...(unchecked > 0
      ? [`! ${counted(unchecked, 'result')} named by a hasher that is not configured: not checked`]
      : []),
    ...summaryOf(found, paint),
  ];
}

function summaryOf(found: Verification, paint: Paint): string[] {
  const { pages, results, objects, damagedPages, damagedResults, repair } = found;
  const looked = `${counted(results, 'result')} on ${counted(pages, 'page')}, ${counted(objects, 'piece')} of ${bytes(found.bytes)}`;
  if (isSound(found)) return [`${paint('green', '✔')} ${looked}: all there, all sound`];
  const damage = [
    ...(damagedPages.length > 0 ? [counted(damagedPages.length, 'damaged page')] : []),
    ...(damagedResults.length > 0 ? [`${counted(damagedResults.length, 'result')} without their bytes`] : []),
  ];
  const lines = ['', `${looked}: ${damage.join(', ')}`];
  return repair ? [...lines, ...repairLines(repair)] : [...lines, 'Mend it: varve cache verify --repair'];
}

function repairLines({ pagesRemoved, withdrawn, id, quarantined, healed }: Repair): string[] {
  return [
    ...(pagesRemoved > 0 ? [`✔ removed ${counted(pagesRemoved, 'page')}`] : []),
    ...(withdrawn > 0 ? [`✔ withdrew ${counted(withdrawn, 'result')}, which the next run makes again (${id})`] : []),
    ...quarantined.map((key) => `✔ moved a damaged object to ${key}`),
    ...healed.map((key) => `✔ put back ${key} from a sound copy`),
  ];
}
