import { renderHouse, renderImports } from './house/report.mjs';
import { checkHouse, surveyOf } from './house/survey.mjs';
import { main } from './shell/main.mjs';
import { ROOT } from './shell/root.mjs';

const USAGE = 'usage: node scripts/house.mjs [--imports | --check]';

await main('house', async () => {
  const [option, ...more] = process.argv.slice(2);
  if (more.length > 0 || ![undefined, '--imports', '--check'].includes(option)) throw new Error(USAGE);
  const survey = surveyOf(ROOT);
  if (option !== '--check') {
    console.log(option === '--imports' ? renderImports(survey).join('\n') : renderHouse(survey));
    return 0;
  }
  const findings = checkHouse(survey);
  for (const { place, problem, remedy } of findings) console.error(`${place}\n  ${problem}\n  ${remedy}\n`);
  console.log(`folders, faces and imports: ${survey.texts.size} files, ${findings.length} findings`);
  return findings.length === 0 ? 0 : 1;
});
