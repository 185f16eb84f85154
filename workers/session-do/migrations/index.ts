import m0000 from './0000_initial.ts';
import m0001 from './0001_members.ts';
import m0002 from './0002_event_deltas.ts';
import m0003 from './0003_rested.ts';
import m0004 from './0004_asked_incarnation.ts';
import m0005 from './0005_awaited_epoch.ts';
import m0006 from './0006_outside_members.ts';
import m0007 from './0007_sealed_content.ts';
import m0008 from './0008_no_clear_content.ts';
import m0009 from './0009_share_links.ts';
import m0010 from './0010_socket_places.ts';
import m0011 from './0011_without_rowid.ts';
import newest from './newest.ts';

/**
 * Migrations of a session's database, oldest first, as drizzle's migrator wants them. Append only: a released one
 * never changes, because actors run each once and remember only how far they came.
 */
export const sessionMigrations = {
  journal: {
    entries: [
      { idx: 0, when: 1_795_000_000_000, tag: '0000_initial', breakpoints: true },
      { idx: 1, when: 1_795_100_000_000, tag: '0001_members', breakpoints: true },
      { idx: 2, when: 1_795_200_000_000, tag: '0002_event_deltas', breakpoints: true },
      { idx: 3, when: 1_795_300_000_000, tag: '0003_rested', breakpoints: true },
      { idx: 4, when: 1_795_400_000_000, tag: '0004_asked_incarnation', breakpoints: true },
      { idx: 5, when: 1_795_500_000_000, tag: '0005_awaited_epoch', breakpoints: true },
      { idx: 6, when: 1_795_600_000_000, tag: '0006_outside_members', breakpoints: true },
      { idx: 7, when: 1_795_700_000_000, tag: '0007_sealed_content', breakpoints: true },
      { idx: 8, when: 1_795_800_000_000, tag: '0008_no_clear_content', breakpoints: true },
      { idx: 9, when: 1_795_900_000_000, tag: '0009_share_links', breakpoints: true },
      { idx: 10, when: 1_796_000_000_000, tag: '0010_socket_places', breakpoints: true },
      { idx: 11, when: 1_796_100_000_000, tag: '0011_without_rowid', breakpoints: true },
    ],
  },
  migrations: { m0000, m0001, m0002, m0003, m0004, m0005, m0006, m0007, m0008, m0009, m0010, m0011 },
};

/** Those up to where content in the clear and its sealed place are both there. */
export const migrationsBeforeSealing = {
  ...sessionMigrations,
  journal: { entries: sessionMigrations.journal.entries.filter(({ idx }) => idx <= 7) },
};

/** In place of all of them, for a database in which nothing is yet. */
export const newestShape = {
  journal: { entries: sessionMigrations.journal.entries.slice(-1) },
  migrations: { ...sessionMigrations.migrations, m0011: newest },
};
