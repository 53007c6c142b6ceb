import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseForm } from "./auth/form.server.ts";
import { keepNothing, refuseBadHost, refuseNul, refuseOtherMethods } from "./security.ts";

let server: Server;
let port: number;

beforeAll(async () => {
  const app = express();
  app.use(keepNothing, refuseBadHost, refuseNul, refuseOtherMethods);
  app.get("/kept", (_request, response) => void response.setHeader("Cache-Control", "private, no-cache").send("x"));
  app.get("/streamed", (_request, response) => {
    response.writeHead(200, { "Content-Type": "text/plain" });
    response.end("x");
  });
  app.all("/page", (_request, response) => void response.send("a page"));
  server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

/** fetch() itself refuses TRACE. */
const ask = (method: string, path: string, host = `127.0.0.1:${port}`) =>
  new Promise<{ status: number; cache: string | undefined; allow: string | undefined }>((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, method, path, agent: false, headers: { host } }, (response) => {
      response.resume();
      const { "cache-control": cache, allow } = response.headers;
      response.on("end", () => resolve({ status: response.statusCode!, cache, allow }));
    });
    sent.on("error", reject).end();
  });

describe("a page", () => {
  it.each(["[", "a b", "x:99999999", "a/b", "a@b", "a?b"])("is at no address such as %s", async (host) => {
    expect((await ask("GET", "/page", host)).status).toBe(400);
  });
  it.each(["console.example.org", "[::1]:3000", "10.0.0.7:3000"])("is at addresses such as %s", async (host) => {
    expect((await ask("GET", "/page", host)).status).toBe(200);
  });
  it.each(["TRACE", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"])("is not served to %s", async (method) => {
    expect(await ask(method, "/page")).toEqual({ status: 405, cache: "no-store", allow: "GET, HEAD, POST" });
  });

  it("is kept nowhere unless it says so itself, nor is a refusal", async () => {
    expect(await ask("GET", "/page")).toMatchObject({ status: 200, cache: "no-store" });
    expect(await ask("GET", "/streamed")).toMatchObject({ status: 200, cache: "no-store" });
    expect(await ask("GET", "/page?x=%00")).toMatchObject({ status: 404, cache: "no-store" });
    expect(await ask("GET", "/kept")).toMatchObject({ status: 200, cache: "private, no-cache" });
  });
});

describe("a form", () => {
  const url = "http://console.test/people";
  const statusOf = async (init: RequestInit) => {
    const thrown = await parseForm(new Request(url, { method: "POST", ...init })).catch((error: unknown) => error);
    return thrown instanceof Response ? thrown.status : thrown instanceof FormData ? 200 : thrown;
  };
  const multipart = { "Content-Type": "multipart/form-data; boundary=b" };

  it("is read in both of its encodings", async () => {
    expect(await statusOf({ body: new URLSearchParams({ name: "Mei 美" }) })).toBe(200);
    const whole = new FormData();
    whole.set("name", "Mei 美");
    expect(await statusOf({ body: whole })).toBe(200);
  });

  it("that is none, is broken, or holds what nobody can keep is the sender's mistake", async () => {
    expect(await statusOf({ body: "{}", headers: { "Content-Type": "application/json" } })).toBe(415);
    expect(await statusOf({})).toBe(415);
    expect(await statusOf({ body: "--b\r\nnonsense", headers: multipart })).toBe(400);
    expect(await statusOf({ body: "x", headers: { "Content-Type": "multipart/form-data" } })).toBe(400);
    expect(await statusOf({ body: new URLSearchParams({ name: "a\u0000b" }) })).toBe(400);
    expect(await statusOf({ body: new URLSearchParams({ "a\u0000b": "x" }) })).toBe(400);
    const file = new FormData();
    file.set("name", new Blob(["x"]), "x.txt");
    expect(await statusOf({ body: file })).toBe(400);
  });
});
