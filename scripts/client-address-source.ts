import { z } from 'zod';

/** `ALEX_CLIENT_ADDRESS`: what says where a client is, the connection (`peer`) or a header that a proxy in front sets. */
export const ClientAddressSource = z
  .string()
  .regex(/^[a-z0-9-]{1,64}$/i, 'ALEX_CLIENT_ADDRESS: "peer", or the name of the header that the proxy sets.')
  .default('peer');
