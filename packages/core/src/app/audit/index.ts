export { type AuditOptions, auditCache, type CacheAudit } from './audit-cache.ts';
export type { AuditDifference } from './compare-runs.ts';
export type { AuditCause, ExplainedDifference } from './likely-cause.ts';
