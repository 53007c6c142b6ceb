import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { projectRoot } from "#cli/build.ts";

type Entry = { module: string; imports?: string[]; css?: string[] };
type Manifest = { url: string; entry: Entry; routes: Record<string, Entry & { id: string }> };

export type FirstLoad = {
  /** gzip bytes of every script that the browser runs before the page is live, the largest language included. */
  scriptBytes: number;
  styleBytes: number;
  /** gzip bytes by file, the largest first. */
  files: { file: string; bytes: number }[];
};

const clientFolder = join(projectRoot, "build", "client");

/** What the first visit of a page downloads, read from the build's own manifest: entry, root, the route, one language. */
export async function firstLoad(routeId: string): Promise<FirstLoad> {
  const manifest = await readManifest();
  const route = manifest.routes[routeId];
  const root = manifest.routes.root;
  if (!route || !root) throw new Error(`The build has no route ${routeId}.`);
  const parts = [manifest.entry, root, route];
  const scripts = new Set([manifest.url, ...parts.flatMap(({ module, imports = [] }) => [module, ...imports])]);
  const styles = new Set(parts.flatMap(({ css = [] }) => css));
  const files = await Promise.all([...scripts].map(async (file) => ({ file, bytes: await gzipBytes(file) })));
  files.push(await largestLanguage());
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  return {
    scriptBytes: sum(files.map(({ bytes }) => bytes)),
    styleBytes: sum(await Promise.all([...styles].map(gzipBytes))),
    files: files.sort((a, b) => b.bytes - a.bytes),
  };
}

const gzipBytes = async (url: string) => gzipSync(await readFile(join(clientFolder, url)), { level: 6 }).byteLength;

async function readManifest(): Promise<Manifest> {
  const names = (await readdir(join(clientFolder, "assets"))).filter((name) => /^manifest-.*\.js$/.test(name));
  if (names.length !== 1) throw new Error(`Expected one manifest in the build, found ${names.length}: npm run build`);
  const text = await readFile(join(clientFolder, "assets", names[0] as string), "utf8");
  return JSON.parse(text.slice(text.indexOf("{"), text.lastIndexOf("}") + 1)) as Manifest;
}

/** A reader loads one of the languages: the largest counts. What is fetched once the page is idle (rest.*) does not. */
async function largestLanguage(): Promise<{ file: string; bytes: number }> {
  const names = (await readdir(join(clientFolder, "assets"))).filter((name) => /^first\..*\.js$/.test(name));
  const sizes = await Promise.all(
    names.map(async (name) => ({ file: `/assets/${name}`, bytes: await gzipBytes(`/assets/${name}`) })),
  );
  return sizes.reduce((most, size) => (size.bytes > most.bytes ? size : most), { file: "none", bytes: 0 });
}
