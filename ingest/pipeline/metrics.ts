import { Counter, Gauge, Histogram, type Registry } from "prom-client";

export type PipelineMetrics = ReturnType<typeof pipelineMetrics>;

/** The pipeline's metrics on `registry`; a second call gives the same ones. */
export function pipelineMetrics(registry: Registry) {
  const registers = [registry];
  const once = <Metric>(name: string, make: (name: string) => Metric): Metric =>
    (registry.getSingleMetric(name) as Metric | undefined) ?? make(name);
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[] = []) =>
    once(name, () => new Counter({ name, help, labelNames, registers }));
  return {
    readings: counter("hs_ingest_readings_total", "Readings committed, by quality; repetitions count as well.", [
      "quality",
    ]),
    gpuSamples: counter("hs_ingest_gpu_samples_total", "GPU samples committed."),
    corrections: counter("hs_ingest_corrections_total", "Readings that gave way to a different value of the same key."),
    repetitions: counter("hs_ingest_repetitions_total", "Rows that were there already: delivered again, and a no-op."),
    refused: counter("hs_ingest_refused_rows_total", "Rows of callers that were refused: one of them no table takes."),
    retries: counter(
      "hs_ingest_commit_retries_total",
      "Commits tried again because the database could not be reached.",
    ),
    deadLetters: counter("hs_ingest_dead_letters_total", "Messages that could not become readings, by reason.", [
      "reason",
    ]),
    batchRows: once(
      "hs_ingest_batch_rows",
      (name) =>
        new Histogram({
          name,
          help: "Rows committed in one transaction.",
          buckets: [1, 10, 30, 100, 300, 1_000, 3_000, 10_000, 20_000],
          registers,
        }),
    ),
    commitSeconds: once(
      "hs_ingest_commit_seconds",
      (name) =>
        new Histogram({
          name,
          help: "Time of one transaction.",
          buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
          registers,
        }),
    ),
    /** Asked when the metrics are read: a message is too small to set a gauge for. */
    waitingRows: (count: () => number) =>
      once(
        "hs_ingest_waiting_rows",
        (name) =>
          new Gauge({
            name,
            help: "Rows that wait for their commit.",
            registers,
            collect() {
              this.set(count());
            },
          }),
      ),
    staleDevices: once(
      "hs_ingest_stale_devices",
      (name) => new Gauge({ name, help: "Devices that say nothing for three of their intervals.", registers }),
    ),
  };
}
