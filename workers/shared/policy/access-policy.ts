import { AccessPolicy } from '../../../protocol/messages/access-policy.ts';

export { AccessPolicy };

/** The policy of a workspace that has set none: a role is enough. */
export const OPEN_POLICY: AccessPolicy = AccessPolicy.parse({});
