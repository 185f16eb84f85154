import { z } from 'zod';
import { Account } from '../protocol/messages/account.ts';
import type { ApiTransport } from './api-transport.ts';

const ROOT = '/api/v1/auth';
const ACCOUNT = '/api/v1/account';

const User = z.object({
  ...{ userId: z.string(), displayName: z.string(), workspaceId: z.string() },
  operator: z.boolean().optional(),
});
/** Tokens are absent in a browser, which has them in cookies. */
const SignedIn = z.object({
  accessToken: z.string().optional(),
  expiresAt: z.iso.datetime(),
  refreshToken: z.string().optional(),
  refreshExpiresAt: z.iso.datetime(),
  deviceId: z.string(),
  user: User,
});
export type SignedIn = z.infer<typeof SignedIn>;
const SignInLink = z.object({ url: z.string(), expiresAt: z.iso.datetime() });
export type SignInLink = z.infer<typeof SignInLink>;
const Me = z.object({ user: User, deviceId: z.string().nullable() });
export type Me = z.infer<typeof Me>;
const Device = z.object({
  ...{ id: z.string(), label: z.string(), userAgent: z.string(), address: z.string() },
  ...{ createdAt: z.iso.datetime(), lastUsedAt: z.iso.datetime(), expiresAt: z.iso.datetime() },
  /** It is the one that asks. */
  current: z.boolean(),
});
export type Device = z.infer<typeof Device>;
const Provider = z.object({ id: z.string(), label: z.string() });
export type Provider = z.infer<typeof Provider>;

const DeviceAuthorization = z.object({
  /** The program's own; nobody else may see it. */
  deviceCode: z.string(),
  /** What the person compares, and where they confirm it. */
  userCode: z.string(),
  ...{ verificationUri: z.string(), verificationUriComplete: z.string() },
  ...{ expiresInS: z.number(), intervalS: z.number() },
});
export type DeviceAuthorization = z.infer<typeof DeviceAuthorization>;
const PendingDevice = z.object({
  ...{ userCode: z.string(), label: z.string(), address: z.string() },
  ...{ requestedAt: z.iso.datetime(), expiresAt: z.iso.datetime() },
});
export type PendingDevice = z.infer<typeof PendingDevice>;

/** The typed HTTP API of signing in and of one's devices. Calls throw as those of `Api` do. */
export class AccountApi {
  readonly #http: ApiTransport;

  constructor(http: ApiTransport) {
    this.#http = http;
  }

  /** Spends the token of a sign-in link. `label`: what this device is called among one's devices. */
  signIn(token: string, label?: string): Promise<SignedIn> {
    const body = { token, ...(label === undefined ? {} : { label }) };
    return this.#http.call('POST', `${ROOT}/sign-in`, SignedIn, body);
  }

  /** Begins to sign this program in by a code that a person confirms in a browser (RFC 8628). */
  beginDeviceLogin(label?: string): Promise<DeviceAuthorization> {
    const body = label === undefined ? {} : { label };
    return this.#http.call('POST', `${ROOT}/device-codes`, DeviceAuthorization, body);
  }

  /**
   * The tokens, once a person has confirmed. ApiError with `authorization-pending` or `slow-down` until then, and
   * `access-denied` or `expired-token` when nothing will come of it.
   */
  redeemDeviceCode(deviceCode: string): Promise<SignedIn> {
    return this.#http.call('POST', `${ROOT}/device-tokens`, SignedIn, { deviceCode });
  }

  /** The program that waits under a user code, for the person who is to confirm it. */
  pendingDevice(userCode: string): Promise<PendingDevice> {
    return this.#http.call('GET', `${ROOT}/device-codes/${encodeURIComponent(userCode)}`, PendingDevice);
  }

  /** Lets that program in as oneself, or refuses it. */
  async decideDevice(userCode: string, approve: boolean): Promise<void> {
    await this.#http.request('POST', `${ROOT}/device-codes/${encodeURIComponent(userCode)}`, { approve });
  }

  /** Spends a refresh token. */
  refresh(refreshToken: string): Promise<SignedIn> {
    return this.#http.call('POST', `${ROOT}/refresh`, SignedIn, { refreshToken });
  }

  /** Whom one can sign in with besides a link. */
  async listProviders(): Promise<Provider[]> {
    const Providers = z.object({ providers: z.array(Provider) });
    return (await this.#http.call('GET', `${ROOT}/providers`, Providers)).providers;
  }

  me(): Promise<Me> {
    return this.#http.call('GET', `${ROOT}/me`, Me);
  }

  /** What one is called, and how one signs in. */
  account(): Promise<Account> {
    return this.#http.call('GET', ACCOUNT, Account);
  }

  /** Calls oneself something else; null: what one's sign-in says again. */
  rename(displayName: string | null): Promise<Account> {
    return this.#http.call('PATCH', ACCOUNT, Account, { displayName });
  }

  createSignInLink(): Promise<SignInLink> {
    return this.#http.call('POST', `${ROOT}/sign-in-links`, SignInLink);
  }

  /** The devices one is signed in on, the one used last first. */
  async listDevices(): Promise<Device[]> {
    return (await this.#http.call('GET', `${ROOT}/devices`, z.object({ devices: z.array(Device) }))).devices;
  }

  /** Signs a device out. */
  async revokeDevice(id: string): Promise<void> {
    await this.#http.request('DELETE', `${ROOT}/devices/${encodeURIComponent(id)}`);
  }

  /**
   * Signs this device out: the one whose refresh token is given, or else the one that asks. Out: where a browser ends its
   * session at the provider, too; null: nowhere.
   */
  async signOut(refreshToken?: string): Promise<string | null> {
    const body = refreshToken === undefined ? undefined : { refreshToken };
    const SignedOut = z.object({ endSessionUrl: z.string().nullable() });
    return (await this.#http.call('POST', `${ROOT}/sign-out`, SignedOut, body)).endSessionUrl;
  }

  /** Signs all devices out, this one too. */
  async signOutEverywhere(): Promise<void> {
    await this.#http.request('POST', `${ROOT}/sign-out-everywhere`);
  }
}
