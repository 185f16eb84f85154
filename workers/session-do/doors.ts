import { CloseCode, SUBPROTOCOL, TICKET_SUBPROTOCOL_PREFIX } from '../../protocol/close-codes.ts';
import { MAX_VIEWERS } from '../../protocol/limits.ts';
import type { ErrorCode } from '../../protocol/messages/errors.ts';
import { DOOR_HEADER } from '../shared/doors.ts';
import type { Failure } from '../shared/outcome.ts';
import type { HostMessages } from './host-messages.ts';
import type { Parts } from './parts.ts';
import { closeCodeOf } from './socket-places.ts';
import { lesser } from '../shared/policy/session-actions.ts';
import type { TicketGrant } from './tickets.ts';

/** Why a socket is not let in. */
interface Refusal {
  code: ErrorCode;
  closeCode: CloseCode;
  detail: string;
}

/**
 * The two doors by which sockets come in, each opened by a single-use ticket. Browsers cannot read the HTTP status of
 * a failed upgrade, so a refused socket is accepted, told a typed error and closed with a code of its own.
 */
export class Doors {
  readonly #parts: Parts;
  readonly #hostMessages: HostMessages;

  constructor(parts: Parts, hostMessages: HostMessages) {
    this.#parts = parts;
    this.#hostMessages = hostMessages;
  }

  /** Answers an upgrade forwarded by the gateway; the door is in a header that only the gateway can set. */
  async open(request: Request): Promise<Response> {
    if (request.headers.get('upgrade')?.toLowerCase() !== 'websocket') {
      return new Response('WebSocket only', { status: 426, headers: { upgrade: 'websocket' } });
    }
    const door = request.headers.get(DOOR_HEADER);
    if (door !== 'viewer' && door !== 'host') return new Response('Unknown door', { status: 400 });
    const { 0: client, 1: server } = new WebSocketPair();
    const refusal = await this.#admit(door, ticketOf(request), server);
    if (refusal !== null) refuse(server, refusal);
    return new Response(null, {
      status: 101,
      webSocket: client,
      headers: { 'sec-websocket-protocol': SUBPROTOCOL },
    });
  }

  async #admit(door: 'viewer' | 'host', ticket: string | null, server: WebSocket): Promise<Refusal | null> {
    const { records, tickets } = this.#parts;
    if (records.current === null) return NOT_FOUND;
    const grant = ticket === null ? null : await tickets.spend(ticket);
    const row = records.current;
    if (row === null) return NOT_FOUND;
    if (grant === null || grant.door !== door) return UNAUTHENTICATED;
    if (grant.door === 'host') return this.#admitHost(grant.epoch, server);
    if (row.deleted) return NOT_FOUND;
    const { places } = this.#parts;
    const room = await places.take(grant.userId);
    if (room !== null) return refusalOf(room);
    const refusal = this.#admitViewer(grant, server);
    places.arrived(grant.userId);
    return refusal;
  }

  #admitViewer(grant: Extract<TicketGrant, { door: 'viewer' }>, server: WebSocket): Refusal | null {
    const { ctx, records, memberRows, participants } = this.#parts;
    const { userId, displayName, cap, access } = grant;
    if (records.current === null || records.row.deleted) return NOT_FOUND;
    // Asked again: the ticket may be older than a removal.
    const role = memberRows.roleOf(userId);
    if (role === null) return NOT_FOUND;
    if (records.row.status === 'expired') return GONE;
    // Those given up count until they are gone: what they have not read is still held.
    const open = Math.max(participants.count, ctx.getWebSockets('viewer').length);
    if (open >= MAX_VIEWERS) return TOO_MANY;
    ctx.acceptWebSocket(server, ['viewer']);
    participants.arrive(server, {
      ...{ userId, displayName, cap, access },
      role: lesser(role, cap),
      acceptedAtMs: Date.now(),
    });
    return null;
  }

  #admitHost(epoch: number, server: WebSocket): Refusal | null {
    const { ctx, records, host, hub, placement, log } = this.#parts;
    if (epoch !== records.row.epoch) return STALE_EPOCH;
    ctx.acceptWebSocket(server, ['host']);
    if (host.connected) hub.unlinked();
    host.take(server, epoch);
    log('info', 'host connected', { epoch });
    placement.connected();
    this.#hostMessages.greet();
    return null;
  }
}

const UNAUTHENTICATED: Refusal = {
  code: 'unauthenticated',
  closeCode: CloseCode.Unauthenticated,
  detail: 'No ticket, or one that was used or is too old; get a new one.',
};
const NOT_FOUND: Refusal = {
  code: 'not-found',
  closeCode: CloseCode.NotFound,
  detail: 'There is no such session.',
};
const GONE: Refusal = { code: 'gone', closeCode: CloseCode.Gone, detail: 'The session has expired.' };
const TOO_MANY: Refusal = {
  code: 'limit-exceeded',
  closeCode: CloseCode.LimitExceeded,
  detail: `At most ${MAX_VIEWERS} viewers at once.`,
};
const STALE_EPOCH: Refusal = {
  code: 'stale-epoch',
  closeCode: CloseCode.StaleEpoch,
  detail: 'Another placement is current.',
};

/** No place for one more of the user's sockets. */
function refusalOf(failure: Failure): Refusal {
  return { code: failure.code, closeCode: closeCodeOf(failure), detail: failure.detail };
}

/** The ticket among the offered subprotocols, if there is one. */
function ticketOf(request: Request): string | null {
  const offered = (request.headers.get('sec-websocket-protocol') ?? '').split(',').map((name) => name.trim());
  const named = offered.find((name) => name.startsWith(TICKET_SUBPROTOCOL_PREFIX));
  return named?.slice(TICKET_SUBPROTOCOL_PREFIX.length) ?? null;
}

function refuse(server: WebSocket, refusal: Refusal): void {
  server.accept();
  server.send(JSON.stringify({ type: 'error', code: refusal.code, detail: refusal.detail }));
  server.close(refusal.closeCode, refusal.code);
}
