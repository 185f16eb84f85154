import { neon, neonConfig } from '@neondatabase/serverless';
import { drizzle } from 'drizzle-orm/neon-http';
import type { DirectoryDatabase } from './kind.ts';

/** Longest one question to the directory may take. */
const TIMEOUT_MS = 10_000;

/** Where the directory is. */
export interface DirectoryConfig {
  /** Connection string; absent: there is no directory. */
  DATABASE_URL?: string;
  /** Where Neon's protocol is spoken for it, when that is not the database's own host. */
  DATABASE_ENDPOINT?: string;
}

/** The directory's database; null when this deployment has none. Connects when it is asked something. */
export function connectDirectory(config: DirectoryConfig): DirectoryDatabase | null {
  if (config.DATABASE_URL === undefined || config.DATABASE_URL === '') return null;
  // The driver takes these for all its connections at once; a deployment has one database.
  if (config.DATABASE_ENDPOINT !== undefined) neonConfig.fetchEndpoint = config.DATABASE_ENDPOINT;
  neonConfig.fetchFunction = (url: string, init: RequestInit) =>
    fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
  return drizzle(neon(config.DATABASE_URL));
}
