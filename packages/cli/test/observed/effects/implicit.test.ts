import { declareEffects } from '../harness/effect.ts';
import { IMPLICIT } from '../ways/implicit.ts';

declareEffects('code that runs without a call', IMPLICIT);
