import { OpenAPIHono } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { createLogger } from '../shared/log.ts';
import { isVaultError } from '../shared/vault/vault-error.ts';
import { answerProblem, type GatewayContext, type GatewayEnv, ProblemError } from './context.ts';
import { accessLog } from './middleware/access-log.ts';
import { admission } from './middleware/admission.ts';
import { auditDenials } from './middleware/audit-denials.ts';
import { authorize } from './middleware/authorize.ts';
import { jsonOnly, limitBody } from './middleware/body.ts';
import { corsFor } from './middleware/cors.ts';
import { deadline } from './middleware/deadline.ts';
import { identity } from './middleware/identity.ts';
import { limitRate, limitWorkspace } from './middleware/rate-limit.ts';
import { requestId } from './middleware/request-id.ts';
import { securityHeaders } from './middleware/security-headers.ts';
import { describeApi } from './openapi.ts';
import { methodsAt } from './route-methods.ts';
import { accountRoutes } from './routes/account.ts';
import { auditRoutes } from './routes/audit.ts';
import { apiKeyRoutes } from './routes/api-keys.ts';
import { authRoutes } from './routes/auth.ts';
import { deviceCodeRoutes } from './routes/device-codes.ts';
import { deviceRoutes } from './routes/devices.ts';
import { deletionRoutes } from './routes/deletions.ts';
import { policyRoutes } from './routes/policy.ts';
import { exportRoutes } from './routes/exports.ts';
import { eventRoutes } from './routes/events.ts';
import { hostRoutes } from './routes/hosts.ts';
import { keyRoutes } from './routes/keys.ts';
import { invitationRoutes } from './routes/invitations.ts';
import { memberRoutes } from './routes/members.ts';
import { oidcRoutes } from './routes/oidc.ts';
import { operationsRoutes } from './routes/operations.ts';
import { pageRoutes } from './routes/pages.ts';
import { refreshRoutes } from './routes/refresh.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { shareLinkRoutes } from './routes/share-links.ts';
import { socketRoutes } from './routes/sockets.ts';
import { terminalRoutes } from './routes/terminals.ts';
import { ticketRoutes } from './routes/tickets.ts';
import { usageRoutes } from './routes/usage.ts';
import { workspaceRoutes } from './routes/workspaces.ts';

const log = createLogger('gateway');

/** The HTTP face of the Worker: who you are, what you may do, where it goes. */
export function createApp(): OpenAPIHono<GatewayEnv> {
  const app = new OpenAPIHono<GatewayEnv>({
    defaultHook: (result) => {
      if (result.success) return;
      const issue = result.error.issues[0];
      const where = issue === undefined || issue.path.length === 0 ? result.target : issue.path.join('.');
      throw new ProblemError('invalid-request', `${where}: ${issue?.message ?? 'invalid'}`);
    },
  });
  app.use(
    requestId,
    accessLog,
    auditDenials,
    securityHeaders,
    corsFor(app),
    deadline(),
    identity,
    limitRate,
    admission,
    authorize,
    limitWorkspace,
    limitBody,
    jsonOnly,
  );

  for (const routes of [
    authRoutes,
    refreshRoutes,
    deviceRoutes,
    deviceCodeRoutes,
    oidcRoutes,
    accountRoutes,
    keyRoutes,
    apiKeyRoutes,
    workspaceRoutes,
    invitationRoutes,
    policyRoutes,
    exportRoutes,
    deletionRoutes,
    sessionRoutes,
    terminalRoutes,
    memberRoutes,
    shareLinkRoutes,
    ticketRoutes,
    usageRoutes,
    eventRoutes,
    auditRoutes,
    hostRoutes,
    operationsRoutes,
    socketRoutes,
    pageRoutes,
    describeApi,
  ]) {
    routes(app);
  }

  app.notFound((c) => {
    const methods = methodsAt(app, c.req.path);
    const answered = methods.includes(c.req.method === 'HEAD' ? 'GET' : c.req.method);
    // A route that has nothing to give says so by this handler, too.
    if (methods.length === 0 || answered) return answerProblem(c, 'not-found', 'Nothing is here.');
    const allow = methods.join(', ');
    return answerProblem(c, 'method-not-allowed', `Use ${allow}.`, { headers: { allow } });
  });
  app.onError(answerError);
  return app;
}

function answerError(error: Error, c: GatewayContext): Response {
  if (error instanceof ProblemError) {
    const init = { headers: error.headers, ...(error.status === undefined ? {} : { status: error.status }) };
    return answerProblem(c, error.code, error.message, init);
  }
  // Hono's own refusals, such as a body that is not JSON.
  if (error instanceof HTTPException && error.status < 500) {
    return answerProblem(c, 'invalid-request', error.message || 'The request is not valid.');
  }
  log('error', 'request failed', { requestId: c.get('requestId'), error: error.message, stack: error.stack });
  if (isVaultError(error)) {
    const detail =
      'What is stored here cannot be decrypted now; the log tells the operator which key is missing.';
    return answerProblem(c, 'unavailable', detail);
  }
  // An actor that restarts or is overloaded says that trying again may help.
  if ('retryable' in error && error.retryable === true) {
    return answerProblem(c, 'unavailable', 'Try again.', { headers: { 'retry-after': '1' } });
  }
  return answerProblem(
    c,
    'internal',
    'Something failed on our side; it is in the logs under the request id.',
  );
}
