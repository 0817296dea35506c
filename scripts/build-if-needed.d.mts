/** Builds the package where it is older than its sources. */
export function buildIfNeeded(): void;
/** Builds the dashboard where it is older than its sources, and the package before it. */
export function buildDashboardIfNeeded(): void;
