import { neon, neonConfig } from '@neondatabase/serverless';
import { drizzle } from 'drizzle-orm/neon-http';
import { identityKind } from './identities.ts';
import type { AnyKind, Statement } from './kind.ts';
import { invitationKind } from './invitations.ts';
import { membershipKind, workspaceKind } from './memberships.ts';
import { refreshFamilyKind } from './refresh-families.ts';
import { sessionKind } from './sessions.ts';
import { signInKind } from './sign-ins.ts';

/** Longest one question to the directory may take. */
const TIMEOUT_MS = 10_000;

/** Everything the directory is told, in the order it is written: rows that others refer to come first. */
const KINDS: readonly AnyKind[] = [
  signInKind,
  workspaceKind,
  membershipKind,
  invitationKind,
  sessionKind,
  identityKind,
  refreshFamilyKind,
];

/** Where the directory is. */
export interface DirectoryConfig {
  /** Connection string; absent: there is no directory. */
  DATABASE_URL?: string;
  /** Where Neon's protocol is spoken for it, when that is not the database's own host. */
  DATABASE_ENDPOINT?: string;
}

/** A word for the directory: the kind's name and a row of it. */
export interface Told {
  kind: string;
  row: unknown;
}

/**
 * What is written to the directory in Postgres. The newest word counts, however often and in whatever order it is said,
 * so that a caller may tell again what may have been told. Calls reject when it cannot be reached.
 */
export interface Directory {
  /** All of it or nothing. */
  tell(words: readonly Told[]): Promise<void>;
}

/** The directory of this deployment; null when it has none. */
export function openDirectory(config: DirectoryConfig): Directory | null {
  if (config.DATABASE_URL === undefined || config.DATABASE_URL === '') return null;
  // The driver takes these for all its connections at once; a deployment has one database.
  if (config.DATABASE_ENDPOINT !== undefined) neonConfig.fetchEndpoint = config.DATABASE_ENDPOINT;
  neonConfig.fetchFunction = (url: string, init: RequestInit) =>
    fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
  const database = drizzle(neon(config.DATABASE_URL));
  return {
    async tell(words) {
      const statements: Statement[] = KINDS.flatMap((kind) =>
        kind.statementsFor(
          database,
          words.filter((word) => word.kind === kind.name).map((word) => word.row),
        ),
      );
      const [first, ...others] = statements;
      if (first !== undefined) await database.batch([first, ...others]);
    },
  };
}
