import type { ShellCentreRow } from "#db/queries/fleet.ts";
import type { ReportListRow, ReportRequest } from "#db/queries/reports.ts";
import { presets } from "#domain/report/period.ts";
import type { ReportRefusal } from "#domain/report/types.ts";
import type { PeriodName, ReportView } from "./report-view.ts";

export const periodChoices = [...presets, "own"] as const;

/** What the form of /reports asks for, read from its URL. What cannot be read is the default. */
export type ReportScope = ReportRequest & {
  period: (typeof periodChoices)[number];
  /** First and last day, both inside. */
  firstDay: string;
  lastDay: string;
};

export type ReportItem = ReportListRow & { name: PeriodName };
export type ReportsData = {
  centres: Pick<ShellCentreRow, "id" | "name">[];
  zones: string[];
  scope: ReportScope;
  preview: ReportView | null;
  /** Why there is no preview. */
  refused: { reason: ReportRefusal; values: Record<string, string | number> } | null;
  reports: ReportItem[];
};
