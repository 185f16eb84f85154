import { CloseCode } from '../../protocol/close-codes.ts';
import type { Answer } from '../shared/bounded-cache.ts';
import { withDeadline } from '../shared/deadline.ts';
import type { Decision, Refusal } from '../shared/policy/decide.ts';
import { checkSocket } from '../shared/socket-standing.ts';
import { ACCESS_TIMEOUT_MS, ASK_ACCESS_AGAIN_MS } from './limits.ts';
import type { Parts } from './parts.ts';
import type { ViewerSocket } from './viewer-socket.ts';

/**
 * Ends viewers' sockets whose credential has ended or whom the policy no longer lets in. Nobody tells the session: it asks
 * when something goes through a socket (see {@link AccessGate}), and this isolate's memory answers most of the time. A
 * session in which nothing happens asks nothing, and sleeps.
 */
export class ViewerAccess {
  readonly #parts: Parts;
  /** What a viewer sent, once it may pass. */
  onMessage: (viewer: ViewerSocket, message: string | ArrayBuffer) => void = () => undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Asks whether a viewer may stay, unless that is being asked. What is known here opens its gate before this returns. */
  readonly check = (viewer: ViewerSocket): void => {
    const { env, records, ctx } = this.#parts;
    if (viewer.gate.asking || records.current === null) return;
    viewer.gate.asking = true;
    const { userId, access } = viewer;
    const { workspaceId: sessionWorkspaceId } = records.current;
    const keepAlive = (asking: Promise<unknown>): void => ctx.waitUntil(asking);
    const asking = { maxAgeMs: ASK_ACCESS_AGAIN_MS, keepAlive };
    const answer = checkSocket(env, { userId, access, sessionWorkspaceId }, asking);
    if (answer instanceof Promise) void this.#wait(viewer, answer);
    else if (answer.value.allowed) this.#allowed(viewer, answer.askedAtMs);
    // Not in the middle of what is being done: others may be being sent something, too.
    else void Promise.resolve(answer).then((known) => this.#answered(viewer, known));
  };

  async #wait(viewer: ViewerSocket, answer: Promise<Answer<Decision>>): Promise<void> {
    const { log } = this.#parts;
    try {
      this.#answered(viewer, await withDeadline(answer, ACCESS_TIMEOUT_MS));
    } catch (error) {
      log('warn', 'cannot ask whether a viewer may stay', { userId: viewer.userId, error: String(error) });
      this.#unanswered(viewer);
    }
  }

  #answered(viewer: ViewerSocket, { value, askedAtMs }: Answer<Decision>): void {
    if (value.allowed) this.#allowed(viewer, askedAtMs);
    else this.#end(viewer, value);
  }

  #allowed(viewer: ViewerSocket, askedAtMs: number): void {
    const { gate } = viewer;
    gate.asking = false;
    const wasUnanswered = gate.unansweredSinceMs !== null;
    gate.allowed(askedAtMs);
    if (viewer.closed) return;
    if (wasUnanswered) viewer.save();
    // An answer that took its time may be too old by now.
    if (gate.at(Date.now()) === 'shut') this.check(viewer);
    else this.#release(viewer);
  }

  /** Something else failed than what the viewer stands on: it stays, for a while. */
  #unanswered(viewer: ViewerSocket): void {
    const { gate } = viewer;
    gate.asking = false;
    if (viewer.closed) return;
    const isFirst = gate.unansweredSinceMs === null;
    if (!gate.unanswered(Date.now())) {
      viewer.fail('unavailable', 'Whether you may still be here cannot be asked; reconnecting.');
      viewer.close(CloseCode.Unavailable, 'access unknown');
      return this.#parts.participants.leave(viewer.ws);
    }
    if (isFirst) viewer.save();
    this.#release(viewer);
  }

  #release(viewer: ViewerSocket): void {
    for (const message of viewer.release()) if (!viewer.closed) this.onMessage(viewer, message);
  }

  #end(viewer: ViewerSocket, { code, reason }: Refusal): void {
    const { participants, audit } = this.#parts;
    viewer.gate.asking = false;
    if (viewer.closed) return;
    audit.accessEnded(viewer, { code, reason });
    viewer.fail(code, reason);
    viewer.close(code === 'unauthenticated' ? CloseCode.Unauthenticated : CloseCode.Forbidden, code);
    participants.leave(viewer.ws);
  }
}
