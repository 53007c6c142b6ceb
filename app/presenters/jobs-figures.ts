import type { OpenJobs, WorkByCentre } from "#db/queries/job-pages.ts";
import type { JobStatus } from "#db/schema/work.ts";
import type { FigureText } from "../components/ui/Figure.tsx";
import type { Say } from "./fleet.server.ts";

type Input = {
  open: OpenJobs[];
  ended: { status: JobStatus; jobs: number }[];
  work: WorkByCentre[];
  /** Name of the range: now-24h … own. */
  range: string;
};

/** Running, waiting, done, energy, carbon of a GPU-hour: each with what it is made from. */
export function jobFigures({ open, ended, work, range }: Input, { t, format }: Say): FigureText[] {
  const period = t(`jobs:period.${range}`);
  const of = (...statuses: JobStatus[]) => {
    const rows = open.filter(({ status }) => statuses.includes(status));
    return { jobs: sum(rows.map(({ jobs }) => jobs)), gpus: sum(rows.map(({ gpus }) => gpus)) };
  };
  const endedAs = (status: JobStatus) => ended.find((row) => row.status === status)?.jobs ?? 0;
  const running = of("running", "starting");
  const placed = of("placed");
  const queued = of("queued");
  const now = t("jobs:figure.asOf", { time: format.timeSeconds(format.nowMs) });

  const runs = sum(work.map((row) => row.runs));
  const metered = sum(work.map((row) => row.metered));
  const estimated = sum(work.map((row) => row.estimated));
  const share = runs ? metered / runs : 0;
  const method = estimated > 0 ? ("estimated" as const) : ("integrated" as const);
  const proof = runs
    ? [t("jobs:figure.runsMetered", { known: metered, all: runs }), t(`jobs:figure.${method}`, { count: estimated })]
    : [t("jobs:figure.noRuns")];
  const itMilliWh = sum(work.map((row) => row.itMilliWh));
  const facility = format.energy(sum(work.map((row) => row.facilityMilliWh)));
  const it = format.energy(itMilliWh);
  const carbonHours = sum(work.map((row) => row.carbonGpuSeconds)) / 3_600;
  const location = carbonHours > 0 ? sum(work.map((row) => row.carbonLocationG ?? 0)) / carbonHours : null;
  const contractKnown = work.every((row) => row.carbonContractG !== null || row.carbonLocationG === null);
  const contract =
    carbonHours > 0 && contractKnown ? sum(work.map((row) => row.carbonContractG ?? 0)) / carbonHours : null;
  const perHour = (grams: number) => format.number(grams, grams < 10 ? 1 : 0);

  return [
    {
      name: t("jobs:figure.running"),
      value: format.number(running.jobs),
      context: [t("jobs:figure.onGpus", { count: running.gpus, gpus: format.number(running.gpus) })],
      proof: [now],
    },
    {
      name: t("jobs:figure.waiting"),
      value: format.number(placed.jobs + queued.jobs),
      context: [
        t("jobs:figure.withPlan", { count: placed.jobs }),
        queued.jobs ? t("jobs:figure.withoutPlan", { count: queued.jobs }) : "",
      ],
      proof: [now],
    },
    {
      name: t("jobs:figure.done", { period }),
      value: format.number(endedAs("succeeded")),
      context: [
        t("jobs:figure.failed", { count: endedAs("failed") }),
        t("jobs:figure.cancelled", { count: endedAs("cancelled") }),
      ],
      proof: [now],
    },
    {
      name: t("jobs:figure.energy", { period }),
      value: metered ? facility.text : null,
      unit: facility.unit,
      missing: t("jobs:figure.noMetered"),
      context: metered
        ? [
            t("jobs:figure.itPart", { energy: `${it.text}\u00a0${it.unit}` }),
            t("jobs:figure.gpuHours", { hours: format.number(sum(work.map((row) => row.gpuSeconds)) / 3_600, 1) }),
          ]
        : [],
      coverage: { share, method },
      proof,
    },
    {
      name: t("jobs:figure.carbon", { period }),
      value: location === null ? null : perHour(location),
      unit: "gCO₂e",
      missing: t("jobs:figure.noCarbon"),
      context:
        location === null
          ? []
          : [
              t("jobs:figure.locationBased"),
              contract === null ? "" : t("jobs:figure.contract", { carbon: `${perHour(contract)}\u00a0gCO₂e` }),
            ],
      coverage: { share, method },
      proof,
    },
  ];
}

const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
