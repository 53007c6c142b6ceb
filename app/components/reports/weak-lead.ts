import type { TFunction } from "i18next";
import { coverageLimit } from "#domain/report/coverage-limit.ts";
import { type ReportView, weakCentres } from "../../presenters/report-view.ts";
import type { Format } from "../../use-format.ts";

/** The opening of a report that misses hours: every centre that does, with its share; undefined: none does. */
export function weakLead(
  report: ReportView,
  t: TFunction<"reports">,
  format: Format,
): { strong: string; rest: string } | undefined {
  const weak = weakCentres(report).map(({ name, sums }) => ({
    centre: format.name(name as never),
    coverage: format.percent(sums.coverage),
  }));
  const [first] = weak;
  if (!first) return undefined;
  return {
    strong:
      weak.length === 1
        ? t("lead.weak", first)
        : t("lead.weakMany", { list: format.list(weak.map((one) => t("lead.weakOf", one))) }),
    rest: t("lead.weakRest", { limit: format.percent(coverageLimit, 0) }),
  };
}
