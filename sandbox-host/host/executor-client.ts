import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import WebSocket from 'ws';
import { z } from 'zod';
import { MAX_FRAME_BYTES } from '../../protocol/stream/frame.ts';
import { MAX_MESSAGE_BYTES } from '../../protocol/limits.ts';
import { Epoch, SessionId } from '../../protocol/messages/session.ts';

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
  return SessionList.parse(JSON.parse(await get(address, '/v1/sessions')));
}

/** True when the executor answers and says it is well. Never rejects. */
export async function executorIsHealthy(address: ExecutorAddress): Promise<boolean> {
  try {
    await get(address, '/health');
    return true;
  } catch {
    return false;
  }
}

/** Opens the executor's stream of one session at this epoch. */
export function dialExecutor(address: ExecutorAddress, sessionId: string, epoch: number): WebSocket {
  return new WebSocket(`ws+unix://${address.executorSocket}:/v1/sessions/${sessionId}?epoch=${epoch}`, {
    headers: { authorization: authorization(address) },
    perMessageDeflate: false,
    handshakeTimeout: REQUEST_TIMEOUT_MS,
    maxPayload: Math.max(MAX_FRAME_BYTES, MAX_MESSAGE_BYTES),
  });
}

function authorization(address: ExecutorAddress): string {
  return `Bearer ${readFileSync(address.executorTokenFile, 'utf8').trim()}`;
}

function get(address: ExecutorAddress, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        socketPath: address.executorSocket,
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
