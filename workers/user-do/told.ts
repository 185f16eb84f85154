import { identityKind } from '../shared/directory/identities.ts';
import type { DirectoryOutbox } from '../shared/directory/outbox.ts';
import { refreshFamilyKind } from '../shared/directory/refresh-families.ts';
import type { DeviceRow } from './devices.ts';
import type { IdentityRow } from './identities.ts';
import { endsAtMs } from './refresh-family.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

/** Tells the directory what a device is like now. */
export function tellDevice(directory: DirectoryOutbox, userId: string, row: DeviceRow): void {
  directory.put(refreshFamilyKind, {
    ...{ id: row.id, userId, label: row.label },
    ...{ createdAt: iso(row.createdAtMs), lastUsedAt: iso(row.rotatedAtMs), expiresAt: iso(endsAtMs(row)) },
    revokedAt: row.revokedAtMs === null ? null : iso(row.revokedAtMs),
    revokedWhy: row.revokedWhy,
  });
}

/** Tells the directory how somebody signed in. */
export function tellIdentity(directory: DirectoryOutbox, userId: string, row: IdentityRow): void {
  const { issuer, subject, email } = row;
  directory.put(identityKind, {
    ...{ issuer, subject, userId, email },
    ...{ createdAt: iso(row.createdAtMs), lastUsedAt: iso(row.lastUsedAtMs) },
  });
}
