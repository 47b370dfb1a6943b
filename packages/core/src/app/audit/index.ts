export { type AuditOptions, auditCache, type CacheAudit } from '../../api/audit/audit-cache.ts';
export type { AuditDifference } from '../../api/audit/compare-runs.ts';
export type { AuditCause, ExplainedDifference } from '../../api/audit/likely-cause.ts';
