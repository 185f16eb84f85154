/** What is unusual about a request, in plain signals. */
export interface RiskSignals {
  /** The credential has been seen before, but never from this network for long. */
  newNetwork: boolean;
  /** Requests with this credential that were refused lately. */
  recentDenials: number;
}

const NEW_NETWORK_RISK = 40;
const DENIAL_RISK = 10;
const MAX_DENIALS_RISK = 60;

/** Denials older than this say nothing any more. */
export const DENIALS_WINDOW_MS = 10 * 60_000;
/** A network is new to a credential for so long after it was first seen there. */
export const NEW_NETWORK_MS = 24 * 3_600_000;

/** 0 (nothing unusual) to 100. */
export function riskScore({ newNetwork, recentDenials }: RiskSignals): number {
  return (newNetwork ? NEW_NETWORK_RISK : 0) + Math.min(MAX_DENIALS_RISK, DENIAL_RISK * recentDenials);
}
