import { readFileSync, writeFileSync } from 'node:fs';
import { withoutTexts } from './capnp.ts';

/**
 * Standard input to standard output: Miniflare's configuration of workerd without two settings that let every client speak
 * as if it were Miniflare: the header with what is known of a connection (without it, workerd itself says where a request
 * comes from), and the host to which an HTTP CONNECT opens RPC. Fails when they are not there, or by another name.
 */
const UNWANTED = ['MF-CF-Blob', 'miniflare-unsafe-internal-capnp-connect'];

writeFileSync(1, withoutTexts(readFileSync(0), UNWANTED));
