import { declareEffects } from '../harness/effect.ts';
import { REGISTRIES } from '../ways/registries.ts';

declareEffects('load-time effects', REGISTRIES);
