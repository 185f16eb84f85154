import { readFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { connect, type OnReadOpts, type Socket } from 'node:net';
import { z } from 'zod';
import { Epoch, SessionId } from '../../protocol/messages/session.ts';
import { TUNNEL_HEADERS, TUNNEL_UPGRADE, TunnelTarget } from '../shared/tunnel.ts';

/** How long the executor may take to answer. It is on this machine. */
const REQUEST_TIMEOUT_MS = 5_000;
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

const SessionList = z.array(z.object({ sessionId: SessionId, epoch: Epoch, running: z.boolean() }));
export type ExecutorSession = z.infer<typeof SessionList>[number];

/** Where the executor listens and how to prove oneself to it. */
export interface ExecutorAddress {
  executorSocket: string;
  executorTokenFile: string;
}

/** The sandboxes the executor holds. Rejects when it does not answer. */
export async function listExecutorSessions(address: ExecutorAddress): Promise<ExecutorSession[]> {
  return SessionList.parse(JSON.parse(await ask(address, 'GET', '/v1/sessions')));
}

/** True when the executor answers and says it is well. Never rejects. */
export async function executorIsHealthy(address: ExecutorAddress): Promise<boolean> {
  try {
    await ask(address, 'GET', '/health');
    return true;
  } catch {
    return false;
  }
}

/** The executor's feed: an answer of JSON lines, each a `SessionNews`, that ends with the executor or by `signal`. Rejects when refused. */
export function followExecutor(address: ExecutorAddress, signal: AbortSignal): Promise<IncomingMessage> {
  const { executorSocket: socketPath } = address;
  const headers = { authorization: authorization(address) };
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, path: '/v1/feed', headers, signal }, (answer) => {
      if (answer.statusCode === 200) return resolve(answer);
      call.destroy(new Error(`executor answered ${answer.statusCode ?? 'nothing'}`));
    });
    call.on('error', reject).end();
  });
}

/**
 * Connects to the executor and asks for a tunnel for one session at this epoch; the answer is the first thing to be read.
 * `onread` says where what is read goes.
 */
export function dialTunnel(
  address: ExecutorAddress,
  sessionId: string,
  epoch: number,
  target: TunnelTarget,
  onread: OnReadOpts,
): Socket {
  const { url, ticket } = TunnelTarget.parse(target);
  const socket = connect({ path: address.executorSocket, onread });
  const head = [
    `GET /v1/sessions/${sessionId}/tunnel?epoch=${epoch} HTTP/1.1`,
    'host: executor',
    'connection: upgrade',
    `upgrade: ${TUNNEL_UPGRADE}`,
    `authorization: ${authorization(address)}`,
    `${TUNNEL_HEADERS.url}: ${url}`,
    `${TUNNEL_HEADERS.ticket}: ${ticket}`,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  return socket;
}

/** Stops a session's sandbox unless a newer placement than `epoch` has it; its workspace is kept. Rejects when refused. */
export async function suspendSession(
  address: ExecutorAddress,
  sessionId: string,
  epoch: number,
): Promise<void> {
  await ask(address, 'POST', `/v1/sessions/${sessionId}/suspend?epoch=${epoch}`);
}

function authorization(address: ExecutorAddress): string {
  return `Bearer ${readFileSync(address.executorTokenFile, 'utf8').trim()}`;
}

function ask(address: ExecutorAddress, method: 'GET' | 'POST', path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        socketPath: address.executorSocket,
        method,
        path,
        headers: { authorization: authorization(address) },
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      },
      (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > MAX_ANSWER_BYTES) call.destroy(new Error('executor answered too much'));
          else chunks.push(chunk);
        });
        response.on('error', reject);
        response.on('end', () => {
          if (response.statusCode === 200) resolve(Buffer.concat(chunks).toString('utf8'));
          else reject(new Error(`executor answered ${response.statusCode ?? 'nothing'}`));
        });
      },
    );
    call.on('error', reject);
    call.end();
  });
}
