import { createServer, type Server } from "node:net";

/** Listens on the wanted port, or on a free one when it is taken. Resolves to the port in use. */
export function listen(server: Server, host: string, wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const attempt = (port: number) => {
      const onError = (error: NodeJS.ErrnoException) => {
        if (port !== 0 && (error.code === "EADDRINUSE" || error.code === "EACCES")) attempt(0);
        else reject(error);
      };
      server.once("error", onError);
      server.listen(port, host, () => {
        server.off("error", onError);
        resolve((server.address() as { port: number }).port);
      });
    };
    attempt(wanted);
  });
}

/** The wanted port when it is free, else a free one: for servers that somebody else's code starts. */
export async function freePort(wanted = 0, host = "127.0.0.1"): Promise<number> {
  const server = createServer();
  const port = await listen(server, host, wanted);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
