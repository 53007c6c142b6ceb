import type { ApiRoute } from "../route.ts";
import { alarmRoutes } from "./alarms.ts";
import { centreRoutes } from "./centres.ts";
import { documentRoutes } from "./document.ts";
import { jobRoutes } from "./jobs.ts";
import { kpiRoutes } from "./kpis.ts";
import { readingRoutes } from "./readings.ts";
import { reportRoutes } from "./reports.ts";
import { settlementRoutes } from "./settlements.ts";

/** Every route of /api/v1: what is served is what the OpenAPI document lists. */
export const apiRoutes: ApiRoute[] = [
  ...centreRoutes,
  ...kpiRoutes,
  ...readingRoutes,
  ...jobRoutes,
  ...settlementRoutes,
  ...reportRoutes,
  ...alarmRoutes,
  ...documentRoutes(() => apiRoutes),
];
