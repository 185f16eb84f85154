import type { MetricsDO } from '../metrics-do/metrics-do.ts';
import type { RegionDO } from '../region-do/region-do.ts';
import type { SessionDO } from '../session-do/session-do.ts';
import type { UserDO } from '../user-do/user-do.ts';

/** Bindings of the one Worker; see wrangler.toml. */
export interface Env {
  ASSETS: Fetcher;
  SESSIONS: DurableObjectNamespace<SessionDO>;
  REGIONS: DurableObjectNamespace<RegionDO>;
  USERS: DurableObjectNamespace<UserDO>;
  METRICS: DurableObjectNamespace<MetricsDO>;
  DEFAULT_REGION: string;
  ALLOWED_ORIGINS: string;
  /** Ed25519 private JWK (JSON) that signs access tokens. */
  SIGNING_KEY: string;
  /** JSON Web Key Set of the hosts' public keys; `kid` is the host id. */
  HOST_KEYS: string;
}
