import { Hono } from 'hono';

/** The least that a route of ours could be: Hono, one route, a JSON answer. */
const app = new Hono();
app.get('/api/v1/auth/me', (c) => c.json({ user: { userId: 'local' } }));

export default app;
