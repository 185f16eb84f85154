import type { OpenAPIHono } from '@hono/zod-openapi';
import type { GatewayEnv } from './context.ts';

/** Methods that some route answers at this path, in alphabetical order. Empty: no route. */
export function methodsAt(app: OpenAPIHono<GatewayEnv>, path: string): string[] {
  const segments = path.split('/');
  const methods = app.routes
    .filter((route) => route.method !== 'ALL' && matches(route.path.split('/'), segments))
    .map((route) => route.method);
  return [...new Set(methods)].sort();
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((part, i) => (part.startsWith(':') ? segments[i] !== '' : part === segments[i]))
  );
}
