import type { Identity } from './rpc.ts';

/** How a device may have ended. */
export type DeviceEnd =
  'signed-out' | 'revoked' | 'signed-out-everywhere' | 'reuse' | 'crowded-out' | 'account-deleted';

/** A signed-in browser or CLI, as its owner sees it. Times are ISO 8601. */
export interface Device {
  id: string;
  /** What it calls itself, or what its user agent says it is. */
  label: string;
  userAgent: string;
  createdAt: string;
  lastUsedAt: string;
  /** Where it was last used from; empty when that is not known. */
  address: string;
  /** Ends then when it is not used. */
  expiresAt: string;
}

/** What a request says of the device it comes from. */
export interface DeviceFacts {
  userAgent: string;
  address: string;
  requestId: string;
}

/** Somebody at an OpenID Connect issuer, as its ID token said. */
export interface IssuerSubject {
  /** Our name for the issuer, from the configuration. */
  providerId: string;
  issuer: string;
  subject: string;
  /** Only one that the issuer says it has verified; it is what invitations are compared with. */
  email: string | null;
}

/** A sign-in: who, and on what. */
export interface SignIn extends DeviceFacts {
  displayName: string;
  /** What the device's tokens name as their workspace. */
  workspaceId: string;
  label: string;
  /** How they did it: by a link, at a provider (then with `identity`), or as a device that another one approved. */
  method: 'link' | 'oidc' | 'device-code';
  /** When the person proved who they are, in milliseconds since the epoch. */
  authenticatedAtMs: number;
  identity?: IssuerSubject;
  /** What is spent by it: a second sign-in with the same id is refused. */
  singleUse?: { jti: string; expiresAtMs: number };
}

/** A device's next refresh token, and what its access token says. Times in milliseconds since the epoch. */
export interface DeviceGrant {
  deviceId: string;
  refreshToken: string;
  /** The refresh token's end. */
  refreshExpiresAtMs: number;
  displayName: string;
  workspaceId: string;
  authenticatedAtMs: number;
}

/** `gone`: no such device, ended, or the token is no good. `reuse`: it was spent before; the device has been revoked. */
export type RefreshAnswer = { ok: true; grant: DeviceGrant } | { ok: false; why: 'gone' | 'reuse' };

/** Typed RPC of UserDO for the user's devices. */
export interface DevicesRpc {
  /** Null: what was to be spent was spent before. */
  signIn(input: SignIn): Promise<DeviceGrant | null>;
  refreshDevice(
    token: { deviceId: string; generation: number; secret: string },
    facts: DeviceFacts,
  ): Promise<RefreshAnswer>;
  /** Those that have not ended, the one used last first. */
  listDevices(): Promise<Device[]>;
  /** Ends a device. Null: there is none with this id. Otherwise at which provider it signed in, if at one. */
  endDevice(who: Identity, id: string, why: DeviceEnd): Promise<{ providerId: string | null } | null>;
  /** Ends all. Out: their ids. */
  endAllDevices(who: Identity, why: DeviceEnd): Promise<string[]>;
  /** Counts a user code that the user tries. False: too many lately. */
  takeCodeAttempt(): Promise<boolean>;
  /** Whether tokens of a device are still good. */
  credentialState(deviceId: string): Promise<'active' | 'ended'>;
}
