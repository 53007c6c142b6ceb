/* What a first visit downloads: gzip bytes of the fleet page's and a centre page's scripts, the largest language included. */
import { ensureConsoleBuild } from "#cli/build.ts";
import { firstLoad } from "#test/support/bundle.ts";
import { printFigures } from "./report.ts";

await ensureConsoleBuild();
const fleet = await firstLoad("routes/_index");
const centre = await firstLoad("routes/centres.$id");
printFigures("bundle", {
  fleetScriptBytes: fleet.scriptBytes,
  fleetStyleBytes: fleet.styleBytes,
  centreScriptBytes: centre.scriptBytes,
  centreStyleBytes: centre.styleBytes,
  largest: fleet.files
    .slice(0, 4)
    .map(({ file, bytes }) => `${file.replace("/assets/", "")} ${bytes}`)
    .join(", "),
});
