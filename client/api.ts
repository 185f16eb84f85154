import { z } from 'zod';
import {
  JsonDocument,
  Member,
  Participant,
  type Role,
  SessionEvent,
  SessionInfo,
  SessionSummary,
  TerminalInfo,
} from '../protocol/messages/session.ts';
import { ApiTransport, type FetchFunction, queryOf } from './api-transport.ts';
import { cookieTokens } from './cookie-tokens.ts';
import { fixedToken, type TokenSource } from './token-source.ts';

const SessionPage = z.object({ sessions: z.array(SessionSummary), nextCursor: z.string().nullable() });
export type SessionPage = z.infer<typeof SessionPage>;
const Ticket = z.object({ ticket: z.string(), expiresAt: z.iso.datetime(), url: z.string() });
export type Ticket = z.infer<typeof Ticket>;

const StateAnswer = z.object({ version: z.int(), checksum: z.string(), state: JsonDocument });
export type StateAnswer = z.infer<typeof StateAnswer>;
const EventsPage = z.object({ events: z.array(SessionEvent), version: z.int() });
export type EventsPage = z.infer<typeof EventsPage>;

/** The typed HTTP API of sessions. Calls throw {@link ApiError} on a refusal and TypeError or DOMException when nobody answers. */
export class Api {
  /** For the parts of the API that have files of their own, `api-*.ts`. */
  readonly transport: ApiTransport;

  /** `token` null: the browser's cookie says who asks. `fetchBy`: in place of the platform's `fetch`. */
  constructor(
    baseUrl: string,
    token: string | TokenSource | null = null,
    fetchBy: FetchFunction = (url, init) => fetch(url, init),
  ) {
    const tokens = typeof token === 'string' ? fixedToken(token) : (token ?? cookieTokens(baseUrl, fetchBy));
    this.transport = new ApiTransport(baseUrl, tokens, fetchBy);
  }

  /** One page, newest first; `cursor` is the `nextCursor` of the page before. */
  listSessions(page: { limit?: number; cursor?: string } = {}): Promise<SessionPage> {
    return this.transport.call('GET', `/api/v1/sessions?${queryOf(page)}`, SessionPage);
  }

  /** `idempotencyKey`: repeating the call with it makes one session. */
  createSession(input: { name?: string } = {}, idempotencyKey?: string): Promise<SessionInfo> {
    const headers = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey };
    return this.transport.call('POST', '/api/v1/sessions', SessionInfo, input, headers);
  }

  getSession(id: string): Promise<SessionInfo> {
    return this.transport.call('GET', `/api/v1/sessions/${encodeURIComponent(id)}`, SessionInfo);
  }

  renameSession(id: string, name: string): Promise<SessionInfo> {
    return this.transport.call('PATCH', `/api/v1/sessions/${encodeURIComponent(id)}`, SessionInfo, { name });
  }

  async deleteSession(id: string): Promise<void> {
    await this.transport.request('DELETE', `/api/v1/sessions/${encodeURIComponent(id)}`);
  }

  async listTerminals(id: string): Promise<TerminalInfo[]> {
    const Terminals = z.object({ terminals: z.array(TerminalInfo) });
    return (
      await this.transport.call('GET', `/api/v1/sessions/${encodeURIComponent(id)}/terminals`, Terminals)
    ).terminals;
  }

  /** A single-use ticket for the session's WebSocket. `role`: may do no more than that; not above one's own. */
  createTicket(id: string, role?: Role): Promise<Ticket> {
    const body = role === undefined ? undefined : { role };
    return this.transport.call('POST', `/api/v1/sessions/${encodeURIComponent(id)}/tickets`, Ticket, body);
  }

  /** Who is connected to the session now, each device once. */
  async listParticipants(id: string): Promise<Participant[]> {
    const Participants = z.object({ participants: z.array(Participant) });
    const path = `/api/v1/sessions/${encodeURIComponent(id)}/participants`;
    return (await this.transport.call('GET', path, Participants)).participants;
  }

  /** Whom the session is shared with. */
  async listMembers(id: string): Promise<Member[]> {
    const Members = z.object({ members: z.array(Member) });
    return (await this.transport.call('GET', `/api/v1/sessions/${encodeURIComponent(id)}/members`, Members))
      .members;
  }

  /** Shares the session with somebody, or changes what they may do. */
  setMember(id: string, userId: string, role: Role): Promise<Member> {
    return this.transport.call('PUT', memberPath(id, userId), Member, { role });
  }

  /** Stops sharing with somebody, or leaves. */
  async removeMember(id: string, userId: string): Promise<void> {
    await this.transport.request('DELETE', memberPath(id, userId));
  }

  /** The shared state of a session, as it is: `checksum` is of `state`, see `docs/client.md`. */
  getState(id: string): Promise<StateAnswer> {
    return this.transport.call('GET', `/api/v1/sessions/${encodeURIComponent(id)}/state`, StateAnswer);
  }

  /**
   * A page of a session's events, oldest first: after the version `since`, or from the oldest kept. `gone` when the log
   * does not reach back so far. Go on from the version of the last event while it is less than `version`.
   */
  listEvents(id: string, page: { since?: number; limit?: number } = {}): Promise<EventsPage> {
    const path = `/api/v1/sessions/${encodeURIComponent(id)}/events`;
    return this.transport.call('GET', `${path}?${queryOf(page)}`, EventsPage);
  }
}

function memberPath(sessionId: string, userId: string): string {
  return `/api/v1/sessions/${encodeURIComponent(sessionId)}/members/${encodeURIComponent(userId)}`;
}
