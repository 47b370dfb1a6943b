import { declareEffects } from '../harness/effect.ts';
import { CONFIGURED } from '../ways/configured.ts';

declareEffects('packages and compiler configured', CONFIGURED);
