import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { Registry } from "prom-client";
import { describe, expect, it } from "vitest";
import { httpMetrics, pagePatterns } from "./http-metrics.ts";

const pattern = pagePatterns({
  root: { id: "root", path: "" },
  "routes/_index": { id: "routes/_index", parentId: "root" },
  "routes/jobs._index": { id: "routes/jobs._index", parentId: "root", path: "jobs" },
  "routes/jobs.new": { id: "routes/jobs.new", parentId: "root", path: "jobs/new" },
  "routes/jobs.$id": { id: "routes/jobs.$id", parentId: "root", path: "jobs/:id" },
  "routes/centres": { id: "routes/centres", parentId: "root", path: "centres/:id" },
  "routes/centres.racks": { id: "routes/centres.racks", parentId: "routes/centres", path: "racks/:rack" },
  "routes/reports.export": { id: "routes/reports.export", parentId: "root", path: "reports/:id/export.csv" },
});

describe("the pattern of a page", () => {
  it.each([
    ["/", "/"],
    ["/_root.data", "/"],
    ["/jobs", "/jobs"],
    ["/jobs/", "/jobs"],
    ["/jobs/new", "/jobs/new"],
    ["/jobs/job-1", "/jobs/:id"],
    ["/jobs/job-1.data", "/jobs/:id"],
    ["/centres/qinghai/racks/qh-a-01", "/centres/:id/racks/:rack"],
    ["/reports/r-1/export.csv", "/reports/:id/export.csv"],
    ["/reports/r-1/exportxcsv", "unmatched"],
    ["/assets/root-abc.js", "/assets/*"],
    ["/__manifest", "/__manifest"],
    ["/wp-admin/setup.php", "unmatched"],
  ])("%s is %s", (path, wanted) => {
    expect(pattern(path)).toBe(wanted);
  });
});

it("counts requests by method, pattern and status, whatever a client sends", async () => {
  const metrics = new Registry();
  const app = express();
  app.use(httpMetrics(metrics, pattern));
  app.get("/jobs/:id", (_request, response) => void response.send("a job"));
  app.get("/live", (_request, response) => {
    response.locals.route = "/live";
    response.type("text/event-stream").send("data: x\n\n");
  });
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (const path of ["/jobs/a", "/jobs/b", "/live"]) await (await fetch(url + path)).text();
  await (await fetch(`${url}/random-${Math.random()}`, { method: "PROPFIND" })).text();
  const text = await metrics.metrics();
  expect(text).toContain('hs_http_requests_total{method="GET",route="/jobs/:id",status="200"} 2');
  expect(text).toContain('hs_http_requests_total{method="OTHER",route="unmatched",status="404"} 1');
  expect(text).toContain('hs_http_request_duration_seconds_count{method="GET",route="/jobs/:id"} 2');
  // A stream lasts as long as its browser: its length says nothing of the console.
  expect(text).not.toContain('duration_seconds_count{method="GET",route="/live"}');
  await new Promise((resolve) => server.close(resolve));
});
