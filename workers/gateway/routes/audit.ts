import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { DEPLOYMENT_STREAM } from '../../../protocol/audit/entry.ts';
import { AuditPage, AuditQuery, MAX_AUDIT_PAGE_ROWS } from '../../../protocol/audit/query.ts';
import { AuditArchive } from '../../shared/audit/archive.ts';
import { auditSigner } from '../../shared/audit/signer.ts';
import type { Identity } from '../../shared/rpc.ts';
import { unwrap, workspaceActor } from '../actors.ts';
import { EXPORT_TYPES, exportStream } from '../audit-export.ts';
import { type GatewayEnv, identityOf, ProblemError } from '../context.ts';
import { json, problems, SIGNED_IN } from './responses.ts';

const tags = ['audit'];
const stream = z.literal(DEPLOYMENT_STREAM).optional();
/** A whole number in a query. */
const count = z
  .string()
  .regex(/^[0-9]{1,15}$/)
  .transform(Number)
  .openapi({ type: 'integer' });

const PageSchema = AuditPage.clone().openapi('AuditPage');

const list = createRoute({
  method: 'get',
  path: '/api/v1/audit',
  summary: 'Read the audit log of the workspace, newest first',
  description:
    'For owners and admins; with `stream=deployment` the log of the deployment, for operators. `action` may be the first part of ' +
    'names, with its dot: `session.`. A page may have fewer rows than asked for, or none, and not be the last: go on with ' +
    '`nextCursor` while it is not null. That the log was read is in it.',
  tags,
  security: SIGNED_IN,
  request: {
    query: z.object({
      ...{ stream, action: z.string().max(60).optional(), actor: z.string().max(200).optional() },
      ...{ target: z.string().max(200).optional(), outcome: z.string().max(20).optional() },
      ...{ from: z.string().max(40).optional(), to: z.string().max(40).optional() },
      ...{ cursor: count.optional(), limit: count.pipe(z.int().min(1).max(MAX_AUDIT_PAGE_ROWS)).optional() },
    }),
  },
  responses: { 200: json('A page.', PageSchema), ...problems },
});

const exportLog = createRoute({
  method: 'get',
  path: '/api/v1/audit/export',
  summary: 'Export the audit log of the workspace, oldest first',
  description:
    'All rows, or those after `since`, with the signed checkpoints between them and a signed end. As JSON Lines it can be verified ' +
    'with `alex audit verify`, or by hand: docs/audit.md. That it was exported is its last row.',
  tags,
  security: SIGNED_IN,
  request: {
    query: z.object({ stream, format: z.enum(['jsonl', 'csv']).default('jsonl'), since: count.optional() }),
  },
  responses: {
    200: {
      description: 'The rows.',
      content: { 'application/x-ndjson': { schema: z.string() }, 'text/csv': { schema: z.string() } },
    },
    ...problems,
  },
});

const KeySetSchema = z.object({ keys: z.array(z.looseObject({ kid: z.string(), x: z.string() })) });

const keySet = createRoute({
  method: 'get',
  path: '/.well-known/audit-keys.json',
  summary: 'The public keys that audit checkpoints are signed with',
  description: 'A JSON Web Key Set (RFC 7517) with every key that ever signed one here. Keep a copy.',
  tags,
  responses: { 200: json('The keys.', KeySetSchema.openapi('AuditKeySet')) },
});

/** The audit log: reading, exporting, and the keys that verify what was exported. */
export function auditRoutes(app: OpenAPIHono<GatewayEnv>): void {
  app.openapi(list, async (c) => {
    const { stream: named, ...query } = c.req.valid('query');
    const parsed = AuditQuery.safeParse(query);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new ProblemError(
        'invalid-request',
        `${issue?.path.join('.') ?? 'query'}: ${issue?.message ?? 'invalid'}`,
      );
    }
    const who = identityOf(c);
    const page = await workspaceActor(c.env, logOf(who, named)).queryAudit(who, parsed.data);
    return c.json(unwrap(page), 200);
  });

  app.openapi(exportLog, async (c) => {
    const { stream: named, format, since = 0 } = c.req.valid('query');
    const who = identityOf(c);
    const workspaceId = logOf(who, named);
    const actor = workspaceActor(c.env, workspaceId);
    const range = unwrap(await actor.beginAuditExport(who, since, format));
    return c.body(await exportStream(actor, who, range, format), 200, {
      'content-type': EXPORT_TYPES[format],
      'content-disposition': `attachment; filename="audit-${workspaceId.replace(/[^A-Za-z0-9_-]/g, '_')}.${format}"`,
    });
  });

  app.openapi(keySet, async (c) => {
    const [own, kept] = await Promise.all([auditSigner(c.env.SIGNING_KEY), new AuditArchive(c.env).keys()]);
    const older = kept
      .flatMap((key) => KeySetSchema.shape.keys.element.parse(key))
      .filter(({ kid }) => kid !== own.kid);
    return c.json({ keys: [KeySetSchema.shape.keys.element.parse(own.publicJwk), ...older] }, 200);
  });
}

function logOf(who: Identity, named: string | undefined): string {
  return named ?? who.workspaceId;
}
