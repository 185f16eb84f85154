import { expect, it } from 'vitest';
import { SessionId } from '../../protocol/messages/session.ts';
import { newSessionId } from './ids.ts';

it('session ids are valid, and no options of a command line', () => {
  for (let round = 0; round < 2_000; round++) {
    const id = newSessionId();
    expect(SessionId.safeParse(id).success).toBe(true);
    expect(id.startsWith('-')).toBe(false);
  }
});
