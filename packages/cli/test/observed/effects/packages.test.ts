import { declareEffects } from '../harness/effect.ts';
import { PACKAGES } from '../ways/packages.ts';

declareEffects('packages edited in place', PACKAGES);
