import { rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Miniflare } from 'miniflare';
import { z } from 'zod';

/** `POST /evict?class=SessionDO&name=ID&sockets=hibernate`: takes an actor out of memory; `close` ends its sockets too. */
const Eviction = z.object({
  class: z.string(),
  name: z.string(),
  sockets: z.enum(['hibernate', 'close']),
});

/** Lets a test do to actors what the platform does when it likes. Listens on the unix socket `path`, for its owner only. */
export function serveEdgeControl(path: string, miniflare: Miniflare, worker: string): void {
  rmSync(path, { force: true });
  createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://edge');
    const asked = Eviction.safeParse(Object.fromEntries(searchParams));
    if (request.method !== 'POST' || pathname !== '/evict' || !asked.success) {
      response.writeHead(400).end();
      return;
    }
    miniflare
      .unsafeEvictDurableObject(worker, asked.data.class, {
        name: asked.data.name,
        webSockets: asked.data.sockets,
      })
      .then(
        () => response.writeHead(204).end(),
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
  }).listen(path);
}
