import { auditKind } from './audit.ts';
import { connectDirectory, type DirectoryConfig } from './connection.ts';
import { apiKeyKind } from './api-keys.ts';
import { hostKind } from './hosts.ts';
import { userGoneKind, workspaceGoneKind } from './deletions.ts';
import { usageKind } from './usage.ts';
import { identityKind } from './identities.ts';
import type { AnyKind, Statement } from './kind.ts';
import { invitationKind } from './invitations.ts';
import { membershipKind, workspaceKind } from './memberships.ts';
import { refreshFamilyKind } from './refresh-families.ts';
import { sessionKind } from './sessions.ts';
import { displayNameKind, signInKind } from './sign-ins.ts';

/** Everything the directory is told, in the order it is written: rows that others refer to come first. */
const KINDS: readonly AnyKind[] = [
  signInKind,
  workspaceKind,
  membershipKind,
  displayNameKind,
  invitationKind,
  sessionKind,
  identityKind,
  refreshFamilyKind,
  apiKeyKind,
  usageKind,
  auditKind,
  hostKind,
  workspaceGoneKind,
  userGoneKind,
];

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
  /** Whether this release knows what the word says; another may have written it. */
  reads(word: Told): boolean;
  /** All of it or nothing. Rejects for a word it cannot read, too. */
  tell(words: readonly Told[]): Promise<void>;
}

/** The directory of this deployment; null when it has none. */
export function openDirectory(config: DirectoryConfig): Directory | null {
  const database = connectDirectory(config);
  if (database === null) return null;
  return {
    reads: (word) => KINDS.some((kind) => kind.name === word.kind && kind.isRow(word.row)),
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
