import type { Env as WorkerEnv } from '../shared/env.ts';

declare global {
  namespace Cloudflare {
    /** Bindings in tests: the Worker's, and the private half of the test host's key. */
    interface Env extends WorkerEnv {
      TEST_HOST_KEY: string;
    }
  }
}
