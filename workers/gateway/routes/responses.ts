import type { z } from '@hono/zod-openapi';
import { ProblemSchema } from './schemas.ts';

/** A JSON answer of the OpenAPI document. */
export function json<S extends z.ZodType>(description: string, schema: S) {
  return { description, content: { 'application/json': { schema } } };
}

/** A JSON request body. */
export function jsonBody<S extends z.ZodType>(schema: S, required: boolean) {
  return { body: { required, content: { 'application/json': { schema } } } };
}

const problemContent = { 'application/problem+json': { schema: ProblemSchema } };

/** Answers every route behind a sign-in may give besides its own. */
export const problems = {
  400: { description: 'The request is not valid.', content: problemContent },
  401: { description: 'Not signed in.', content: problemContent },
  403: { description: 'Not from this origin, or not with your role.', content: problemContent },
  429: { description: 'Too many requests.', content: problemContent },
  503: { description: 'Cannot be done right now.', content: problemContent },
} as const;

export const notFound = {
  404: { description: 'No such thing, or not for you.', content: problemContent },
} as const;
export const conflict = {
  409: { description: 'Not in this state.', content: problemContent },
} as const;
export const gone = {
  410: { description: 'Not kept any more.', content: problemContent },
} as const;

/** The security of every route behind a sign-in. */
export const SIGNED_IN = [{ bearer: [] }, { cookie: [] }];
