export { type AuditOptions, auditCache, type CacheAudit } from '../../api/audit/audit-cache.ts';
export type { AuditCause, AuditDifference, ExplainedDifference } from '../../api/audit/compare-runs.ts';
