import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { MAX_HOST_SESSIONS } from '../../protocol/limits.ts';
import { masker } from '../shared/log.ts';

/** Sessions one host takes unless told otherwise. */
export const DEFAULT_HOST_CAPACITY = 100;

const Environment = z.object({
  ALEX_EDGE_URL: z.url({ protocol: /^https?$/ }),
  ALEX_HOST_ID: z.string().regex(/^[A-Za-z0-9._-]{1,100}$/),
  ALEX_REGION: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/),
  ALEX_HOST_KEY_FILE: z.string().min(1),
  ALEX_EXECUTOR_SOCKET: z.string().min(1),
  ALEX_EXECUTOR_TOKEN_FILE: z.string().min(1),
  ALEX_HOST_CAPACITY: z.coerce.number().int().min(1).max(MAX_HOST_SESSIONS).default(DEFAULT_HOST_CAPACITY),
  ALEX_DRIVER: z.string().default('bubblewrap'),
});

/** What a host process is told at start. */
export interface HostConfig {
  /** Base URL of the edge, http or https, without a trailing slash. */
  edgeUrl: string;
  hostId: string;
  region: string;
  /** Private JWK that proves this host to the edge. */
  hostKey: Record<string, unknown>;
  executorSocket: string;
  /** Read at every connection: a new executor has a new token. */
  executorTokenFile: string;
  capacity: number;
  driver: string;
}

/** Reads the configuration from the environment. Throws an Error naming the first variable that is wrong. */
export function readHostConfig(env: NodeJS.ProcessEnv): HostConfig {
  const parsed = Environment.safeParse(env);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new Error(`${issue?.path.join('.') ?? 'environment'}: ${issue?.message ?? 'invalid'}`);
  }
  const values = parsed.data;
  const hostKey = z
    .looseObject({ d: z.string() })
    .parse(JSON.parse(readFileSync(values.ALEX_HOST_KEY_FILE, 'utf8')));
  masker.secrets.register(hostKey.d, 'host-key');
  return {
    edgeUrl: values.ALEX_EDGE_URL.replace(/\/+$/, ''),
    hostId: values.ALEX_HOST_ID,
    region: values.ALEX_REGION,
    hostKey,
    executorSocket: values.ALEX_EXECUTOR_SOCKET,
    executorTokenFile: values.ALEX_EXECUTOR_TOKEN_FILE,
    capacity: values.ALEX_HOST_CAPACITY,
    driver: values.ALEX_DRIVER,
  };
}
