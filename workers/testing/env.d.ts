/** Bindings in tests: the Worker's, and the private half of the test host's key. */
declare namespace Cloudflare {
  interface Env extends WorkerEnv {
    TEST_HOST_KEY: string;
  }
}
type WorkerEnv = import('../shared/env.ts').Env;
