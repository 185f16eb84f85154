import { z } from 'zod';

/**
 * A host lends the executor its way to the edge: it asks for a tunnel by an HTTP upgrade, and from the answer on passes
 * raw bytes between that connection and one to the edge. What they say to each other is none of the host's business.
 */
export const TUNNEL_UPGRADE = 'alex-tunnel';

/** Request headers that say what is at the other end. */
export const TUNNEL_HEADERS = { url: 'alex-edge-url', ticket: 'alex-ticket' } as const;

/** What is at the other end of a tunnel, and the ticket that opens it. */
export const TunnelTarget = z.object({
  url: z.url({ protocol: /^wss?$/ }).max(2_000),
  ticket: z.string().regex(/^[A-Za-z0-9._~-]{1,512}$/),
});
export type TunnelTarget = z.infer<typeof TunnelTarget>;
