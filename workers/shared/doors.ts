/**
 * Headers by which the gateway tells an actor which door a socket came through. They are stripped from whatever a
 * client sends, so an actor can trust them.
 */
export const INTERNAL_HEADER_PREFIX = 'x-alex-';
export const DOOR_HEADER = 'x-alex-door';
export const HOST_ID_HEADER = 'x-alex-host-id';
export const REGION_HEADER = 'x-alex-region';

export type Door = 'viewer' | 'host';
