import { library } from '../../scripts/tsdown.base.ts';

export default library(['src/index.ts']);
