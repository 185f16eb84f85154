import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureKekFile } from '../../scripts/kek.ts';
import { loadKeys, signLocalToken } from '../../scripts/keys.ts';
import { Part } from '../../scripts/part.ts';
import { until } from '../../test/support/deadline.ts';
import { descendants } from '../../test/support/processes.ts';
import { freePort } from '../../test/support/ports.ts';

const ROOT = join(import.meta.dirname, '../..');
const READY_TIMEOUT_MS = 60_000;

/** Edge and host as `npm start` runs them, on disk, with the bench's executor; in a data directory of their own. */
export class ScaleSystem {
  readonly url: string;
  readonly token: string;
  readonly #data: string;
  readonly #parts: Part[];

  private constructor(url: string, token: string, data: string, parts: Part[]) {
    this.url = url;
    this.token = token;
    this.#data = data;
    this.#parts = parts;
  }

  /** `env` is added to the parts' environment. Resolves when the host is registered. */
  static async start(env: Record<string, string>): Promise<ScaleSystem> {
    const data = mkdtempSync(join(tmpdir(), 'alex-scale-'));
    const port = String(await freePort());
    const url = `http://127.0.0.1:${port}`;
    const keys = await loadKeys(data, 'scale', 'local');
    const own = {
      ...{ ALEX_DATA: data, ALEX_HOST: '127.0.0.1', ALEX_PORT: port, ALEX_EDGE_URL: url },
      ...{ ALEX_SIGNING_KEY: keys.signingKey, ALEX_HOST_KEYS: keys.hostKeys },
      ...{ ALEX_HOST_ID: 'scale', ALEX_REGION: 'local', ALEX_HOST_KEY_FILE: keys.hostKeyFile },
      ALEX_KEK_FILE: ensureKekFile(data),
      ALEX_EXECUTOR_SOCKET: join(data, 'executor.sock'),
      ALEX_EXECUTOR_TOKEN_FILE: join(data, 'executor.token'),
      ...env,
    };
    const part = (name: string, file: string): Part =>
      new Part(name, [process.execPath, join(ROOT, file)], own, join(data, `${name}.log`));
    const parts = [
      part('edge', 'scripts/edge.ts'),
      part('executor', 'bench/scale/executor.ts'),
      part('host', 'sandbox-host/host/main.ts'),
    ];
    const token = await signLocalToken(keys.signingKey, 'api');
    const system = new ScaleSystem(url, token, data, parts);
    process.chdir(ROOT);
    for (const each of parts) {
      each.start({
        started: () => undefined,
        fatal: (detail) => {
          throw new Error(detail);
        },
      });
    }
    try {
      await until(() => system.#ready(), READY_TIMEOUT_MS, 'the system to be ready');
    } catch (error) {
      await system.stop();
      throw error;
    }
    return system;
  }

  /** The process of workerd; waits for one. `not`: a process that is not meant. */
  workerd(not?: number): Promise<number> {
    const find = (): number | undefined =>
      descendants(process.pid).findLast(
        ({ commandLine, pid }) => /workerd.* serve /.test(commandLine) && pid !== not,
      )?.pid;
    return until(find, READY_TIMEOUT_MS, 'the process of workerd');
  }

  async stop(): Promise<void> {
    await Promise.all(this.#parts.map((part) => part.stop()));
    rmSync(this.#data, { recursive: true, force: true, maxRetries: 5 });
  }

  async #ready(): Promise<boolean> {
    const headers = { authorization: `Bearer ${this.token}` };
    const signal = AbortSignal.timeout(2_000);
    const answer = await fetch(`${this.url}/api/v1/hosts`, { headers, signal }).catch(() => null);
    return answer?.ok === true && (await answer.text()).includes('"healthy"');
  }
}
