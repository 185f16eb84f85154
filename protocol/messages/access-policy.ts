import { z } from 'zod';

/** Networks, windows and days one policy may name. */
const MAX_NETWORKS = 100;
const MAX_WINDOWS = 21;

const TimeOfDay = z.string().regex(/^([01][0-9]|2[0-3]):[0-5][0-9]$/, 'a time of day such as 09:00');

/** A stretch of the day on some days of the week (0: Sunday). `to` before `from`: over midnight, into the next day. */
export const TimeWindow = z.strictObject({
  days: z.array(z.int().min(0).max(6)).min(1).max(7),
  from: TimeOfDay,
  to: TimeOfDay,
});
export type TimeWindow = z.infer<typeof TimeWindow>;

/** When a workspace may be used, by the clocks of an IANA time zone. */
export const Hours = z.strictObject({
  timeZone: z.string().max(64).refine(isTimeZone, 'not a time zone, such as Europe/Berlin'),
  windows: z.array(TimeWindow).min(1).max(MAX_WINDOWS),
});
export type Hours = z.infer<typeof Hours>;

/**
 * What acts for somebody: a browser that is signed in, a program that is (the CLI, or whoever has a token of a device or of
 * `npm start`), an API key, a guest by a share link. Told by what it proves, never by what it calls itself.
 */
export const Agent = z.enum(['browser', 'program', 'api-key', 'guest']);
export type Agent = z.infer<typeof Agent>;

/** What a workspace asks of every request besides a role. Null: nothing. Set by its owners and admins. */
export const AccessPolicy = z.strictObject({
  /** CIDR blocks, IPv4 or IPv6, that requests may come from. */
  networks: z
    .array(z.union([z.cidrv4(), z.cidrv6()]))
    .max(MAX_NETWORKS)
    .nullable()
    .default(null),
  hours: Hours.nullable().default(null),
  /** What may act for people here. */
  agents: z.array(Agent).min(1).max(Agent.options.length).nullable().default(null),
  /** Sensitive actions (keys, members, transfer, deletion) need a sign-in no older than this. */
  maxSensitiveAgeMs: z.int().min(60_000).nullable().default(null),
  /** Requests more unusual than this are refused, 0 to 100. */
  maxRisk: z.int().min(0).max(100).nullable().default(null),
  /** Whether sessions may be shared with people who are not in the workspace. */
  outsideSharing: z.boolean().default(true),
  /** Whether sessions may be shared by link. */
  shareLinks: z.boolean().default(true),
});
export type AccessPolicy = z.infer<typeof AccessPolicy>;

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
