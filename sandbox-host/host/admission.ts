/** What decides whether a placement is taken. */
export interface AdmissionInput {
  draining: boolean;
  /** Sessions this host has links for, and how many it may have. */
  sessions: number;
  capacity: number;
  /** Epoch of this session's present link here; 0 when only its sandbox is here; null when neither is. */
  currentEpoch: number | null;
  epoch: number;
}

/**
 * Null when the placement is taken, otherwise why not, for the session to show. Whose sandbox is here is never sent away:
 * it would lose its shells.
 */
export function admit(input: AdmissionInput): string | null {
  if (input.currentEpoch !== null) {
    return input.epoch > input.currentEpoch ? null : 'a newer placement of this session is here already';
  }
  if (input.draining) return 'this host is being drained';
  if (input.sessions >= input.capacity) return `this host is full (${input.capacity} sessions)`;
  return null;
}
