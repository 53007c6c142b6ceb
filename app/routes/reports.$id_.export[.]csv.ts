import type { LoaderFunctionArgs } from "@remix-run/node";
import { exportReport } from "../presenters/report-export.server.ts";

export const loader = (args: LoaderFunctionArgs) => exportReport(args, "csv");
