import type { Outcome } from './rpc.ts';

/** For how many sockets of a user a session keeps a place, and as of when: what is older than what is known is passed over. */
export interface KeptPlaces {
  places: number;
  version: number;
}

/** Typed RPC of UserDO for the limit of a user's open viewers' sockets, over all sessions. */
export interface SocketPlacesRpc {
  /**
   * The session keeps so many places for the user from now on. Fewer are always granted. `limit-exceeded`: more do not
   * fit, and none of those asked gave up any.
   */
  keepSocketPlaces(sessionId: string, kept: KeptPlaces): Promise<Outcome<null>>;
  /** Places that all sessions keep, and how many there may be. */
  socketPlaces(): Promise<{ used: number; limit: number }>;
}
