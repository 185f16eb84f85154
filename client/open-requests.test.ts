import { expect, it, vi } from 'vitest';
import { SessionError } from './errors.ts';
import { OpenRequests } from './open-requests.ts';
import type { TerminalStream } from './terminal-stream.ts';

const SINK = { output: () => undefined, screen: () => undefined };
const REQUEST = { size: { cols: 80, rows: 24 } };
const TERMINAL = {
  ...{ channel: 4, title: 't', cols: 80, rows: 24, state: 'running' as const },
  ...{ createdAt: '2026-01-01T00:00:00.000Z', exit: null },
};
const STREAM = { channel: 4 } as TerminalStream;
const refusal = (requestId: string | undefined): Parameters<OpenRequests['failed']>[0] => ({
  ...{ type: 'error', code: 'limit-exceeded', detail: 'At most 32.' },
  ...(requestId === undefined ? {} : { requestId }),
});

it('keeps what is not answered, under the same id, in order', () => {
  const requests = new OpenRequests();
  const [first, second] = [requests.add(REQUEST, SINK), requests.add(REQUEST, SINK)];
  expect(requests.messages).toEqual([first.message, second.message]);
  expect(first.message.requestId).not.toBe(second.message.requestId);
});

it('attaches once to what was opened, for who asked alone', async () => {
  const requests = new OpenRequests();
  const { message, opened } = requests.add(REQUEST, SINK);
  const attach = vi.fn(() => STREAM);
  requests.opened('of somebody else', TERMINAL, attach);
  expect(attach).not.toHaveBeenCalled();
  requests.opened(message.requestId, TERMINAL, attach);
  requests.opened(message.requestId, TERMINAL, attach);
  expect(await opened).toBe(STREAM);
  expect(attach.mock.calls).toEqual([[4, SINK]]);
  expect(requests.messages).toEqual([]);
});

it('rejects what was refused or cannot be answered any more, and knows what is no answer', async () => {
  const requests = new OpenRequests();
  const [refused, left] = [requests.add(REQUEST, SINK), requests.add(REQUEST, SINK)];
  const error = new SessionError('limit-exceeded', 'At most 32.');
  expect(requests.failed(refusal(undefined), error)).toBe(false);
  expect(requests.failed(refusal('of somebody else'), error)).toBe(false);
  expect(requests.failed(refusal(refused.message.requestId), error)).toBe(true);
  await expect(refused.opened).rejects.toBe(error);
  requests.ended('You left.');
  await expect(left.opened).rejects.toMatchObject({ code: 'ended', message: 'You left.' });
  expect(requests.messages).toEqual([]);
});
