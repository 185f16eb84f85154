import type { Duplex } from 'node:stream';
import WebSocket from 'ws';
import { SUBPROTOCOL, TICKET_SUBPROTOCOL_PREFIX } from '../../protocol/close-codes.ts';
import { MAX_MESSAGE_BYTES } from '../../protocol/limits.ts';
import { MAX_FRAME_BYTES } from '../../protocol/stream/frame.ts';
import { keepAlive } from '../shared/keepalive.ts';
import type { TunnelTarget } from '../shared/tunnel.ts';

const HANDSHAKE_TIMEOUT_MS = 10_000;

/** The socket to a session's actor, opened through a tunnel that a host has lent, and kept from going stale. */
export function openEdgeSocket(tunnel: Duplex, { url, ticket }: TunnelTarget): WebSocket {
  const socket = new WebSocket(url, [SUBPROTOCOL, TICKET_SUBPROTOCOL_PREFIX + ticket], {
    createConnection: () => tunnel,
    perMessageDeflate: false,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    maxPayload: Math.max(MAX_FRAME_BYTES, MAX_MESSAGE_BYTES),
    generateMask: noMask,
  });
  socket.once('open', () => keepAlive(socket));
  return socket;
}

/**
 * A mask of zeros, which spares a copy and a pass over every byte. Masks keep web pages from forging requests that old
 * proxies would believe (RFC 6455, section 10.3); what this program sends is not chosen by a page.
 */
function noMask(mask: Buffer): void {
  mask.fill(0);
}
