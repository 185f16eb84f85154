/** What one vitest project reported. `ok` false with nothing failed: it crashed or had an unhandled error. */
export interface ProjectCounts {
  passed: number;
  failed: number;
  skipped: number;
  ok: boolean;
}

/** Adds everything up. Each check (types, lint, build) counts as a test, and so does a project that broke as a whole. */
export function totals(projects: ProjectCounts[], checks: boolean[]): Omit<ProjectCounts, 'ok'> {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for (const ok of checks) sum[ok ? 'passed' : 'failed'] += 1;
  for (const project of projects) {
    sum.passed += project.passed;
    sum.failed += project.failed > 0 || project.ok ? project.failed : 1;
    sum.skipped += project.skipped;
  }
  return sum;
}

/** The line that CI reads. */
export function testsLine(sum: Omit<ProjectCounts, 'ok'>): string {
  return `Tests: ${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`;
}
