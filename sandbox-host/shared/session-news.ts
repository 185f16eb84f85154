import { z } from 'zod';
import { Epoch, SessionId } from '../../protocol/messages/session.ts';

/** One line of the executor's feed: how a session that has no link stands. */
export const SessionNews = z.object({
  sessionId: SessionId,
  /** Of its last link. */
  epoch: Epoch,
  /** Its sandbox is here. */
  kept: z.boolean(),
  /** It has something to tell its actor. */
  wants: z.boolean(),
});
export type SessionNews = z.infer<typeof SessionNews>;

/** What follows the sessions there are when somebody begins to follow the feed: whatever was not named has a link, or is gone. */
export const NewsComplete = z.object({ complete: z.literal(true) });
