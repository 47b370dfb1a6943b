import { declareEffects } from '../harness/effect.ts';
import { PATCHED } from '../ways/patched.ts';

declareEffects('built-ins patched at load', PATCHED);
