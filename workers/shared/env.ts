import type { DeviceCodeDO } from '../device-code-do/device-code-do.ts';
import type { KeyringDO } from '../keyring-do/keyring-do.ts';
import type { KeyDO } from '../key-do/key-do.ts';
import type { RegionDO } from '../region-do/region-do.ts';
import type { SessionDO } from '../session-do/session-do.ts';
import type { UserDO } from '../user-do/user-do.ts';
import type { WorkspaceDO } from '../workspace-do/workspace-do.ts';
import type { DirectoryConfig } from './directory/connection.ts';

/** Bindings of the one Worker; see wrangler.toml. */
export interface Env extends DirectoryConfig {
  ASSETS: Fetcher;
  SESSIONS: DurableObjectNamespace<SessionDO>;
  REGIONS: DurableObjectNamespace<RegionDO>;
  USERS: DurableObjectNamespace<UserDO>;
  KEYS: DurableObjectNamespace<KeyDO>;
  WORKSPACES: DurableObjectNamespace<WorkspaceDO>;
  KEYRING: DurableObjectNamespace<KeyringDO>;
  DEVICE_CODES: DurableObjectNamespace<DeviceCodeDO>;
  /** Reached by its own proxy, not by RPC: see metrics-do/metrics-client.ts. */
  METRICS: DurableObjectNamespace;
  /** Object storage for what is never written twice; absent: it is kept nowhere but in actors. */
  ARCHIVE?: R2Bucket;
  DEFAULT_REGION: string;
  ALLOWED_ORIGINS: string;
  /** JSON list of OpenID Connect providers, see gateway/oidc/settings.ts and docs/sign-in.md; absent: none. */
  OIDC_PROVIDERS?: string;
  /** User ids of the deployment's operators, with commas between them; absent: only the local user. */
  OPERATORS?: string;
  /** Ed25519 private JWK (JSON) that signs sign-in links; a token it signed for the API is trusted, too. */
  SIGNING_KEY: string;
  /** JSON Web Key Set of the hosts' public keys; `kid` is the host id, `regions` where it may be (`*`: anywhere). */
  HOST_KEYS: string;
  /** Keys that encrypt the data keys of actors, see ./vault/configured-kek.ts and docs/encryption.md. */
  KEK_KEYS: string;
  /** Least severity of log lines; absent: `info`. */
  ALEX_LOG?: string;
  /** Limits of each sandbox, as numbers in text; absent: the protocol's defaults. */
  ALEX_SANDBOX_CPUS?: string;
  ALEX_SANDBOX_MEMORY_BYTES?: string;
  ALEX_SANDBOX_DISK_BYTES?: string;
  ALEX_SANDBOX_MAX_PROCESSES?: string;
  /** A workerd of one's own: how many descriptors it has open, see ./capacity.ts. */
  EDGE_LOAD?: Fetcher;
  /** What counts callers over all isolates; absent: nothing does. */
  RATE_USER?: RateLimit;
  RATE_KEY?: RateLimit;
  RATE_WORKSPACE?: RateLimit;
  RATE_ADDRESS?: RateLimit;
  /** Requests a user, and WebSockets an address, may open per second; absent: the gateway's defaults. */
  ALEX_USER_REQUESTS_PER_S?: string;
  ALEX_ADDRESS_SOCKETS_PER_S?: string;
  /** Sockets a user may have open at once; absent: the protocol's default. */
  ALEX_MAX_USER_SOCKETS?: string;
  /** A workerd of one's own: what says where a client is, `peer` or the header of a proxy; absent: Cloudflare does. */
  ALEX_CLIENT_ADDRESS?: string;
  /** A workerd of one's own: paths that are not those of pages, as `run_worker_first` of wrangler.toml has them, in JSON. */
  WORKER_PATHS?: string;
}
