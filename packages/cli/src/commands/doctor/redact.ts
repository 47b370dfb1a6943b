import { type Env, redactAll } from '../../print/redact.ts';
import type { Diagnosis } from './diagnosis.ts';

/** Takes secrets out of a diagnosis: those of the environment by their value, others by their look. */
export function withoutSecrets(diagnosis: Diagnosis, env: Env): Diagnosis {
  const { message, detail = [], mend = '' } = diagnosis;
  const [safeMessage = '', safeMend = '', ...safeDetail] = redactAll([message, mend, ...detail], env);
  return {
    ...diagnosis,
    message: safeMessage,
    ...(diagnosis.detail !== undefined && { detail: safeDetail }),
    ...(diagnosis.mend !== undefined && { mend: safeMend }),
  };
}
