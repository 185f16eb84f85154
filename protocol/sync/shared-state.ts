import { z } from 'zod';
import { HostLink, Member, SessionInfo, TerminalExit, TerminalInfo } from '../messages/session.ts';

/**
 * What all clients of a session have in common, kept the same everywhere by the event log. On the wire members without
 * a value are left out (see ./merge-patch.ts); parsed, they are null. Not in it: what changes with every keystroke
 * (times of last use), and who is connected, which is nobody's after a restart.
 */
export const SharedState = z.object({
  session: SessionInfo.omit({ lastAccessedAt: true, expiresAt: true, terminals: true, version: true }).extend(
    {
      resources: SessionInfo.shape.resources.extend({
        sampledAt: SessionInfo.shape.resources.shape.sampledAt.default(null),
      }),
    },
  ),
  /** Whether the sandbox can be reached. */
  host: HostLink.extend({
    hostId: HostLink.shape.hostId.default(null),
    message: HostLink.shape.message.default(null),
  }),
  /** Open and ended terminals by channel number. */
  terminals: z.record(
    z.string(),
    TerminalInfo.extend({
      exit: TerminalExit.extend({
        exitCode: TerminalExit.shape.exitCode.default(null),
        signal: TerminalExit.shape.signal.default(null),
      })
        .nullable()
        .default(null),
    }),
  ),
  /** Whom the session is shared with, by user id. */
  members: z.record(z.string(), Member.extend({ displayName: Member.shape.displayName.default(null) })),
});
export type SharedState = z.infer<typeof SharedState>;

/** The terminals of a state, oldest first. */
export function terminalsOf(state: SharedState): TerminalInfo[] {
  return Object.values(state.terminals).toSorted((a, b) => a.channel - b.channel);
}
