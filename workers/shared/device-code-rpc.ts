import type { Identity } from './rpc.ts';

/** What a program that wants to sign in says of itself. */
export interface DeviceCodeRequest {
  /** SHA-256 of the secret in its device code. */
  secretHash: string;
  label: string;
  userAgent: string;
  address: string;
}

/** What a person is shown before they decide. Times are ISO 8601. */
export interface PendingDevice {
  label: string;
  address: string;
  requestedAt: string;
  expiresAt: string;
}

/** Who let the program in. */
export interface Approver {
  userId: string;
  displayName: string;
  workspaceId: string;
  /** When they proved who they are, in milliseconds since the epoch. */
  authenticatedAtMs: number;
}

/** The answers of RFC 8628, 3.5. `intervalMs`: how long to wait before asking again. */
export type PollAnswer =
  | { state: 'pending' | 'slow-down'; intervalMs: number }
  | { state: 'denied' | 'expired' }
  | { state: 'approved'; by: Approver; label: string };

/** Typed RPC of DeviceCodeDO (addressed by `idFromName` of the user code's hash): one program that wants to sign in. */
export interface DeviceCodeRpc {
  /** False: another program has this code. */
  begin(request: DeviceCodeRequest): Promise<boolean>;
  /** What waits for a decision. Null: nothing, or not any more. */
  look(): Promise<PendingDevice | null>;
  /** A person decides, once. False: nothing waits for a decision. */
  decide(who: Identity, approve: boolean): Promise<boolean>;
  /** The program asks. It is told of an approval once. */
  poll(secretHash: string): Promise<PollAnswer>;
}
