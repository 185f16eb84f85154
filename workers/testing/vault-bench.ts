import { DurableObject } from 'cloudflare:workers';
import { ConfiguredKek } from '../shared/vault/configured-kek.ts';
import { SealedPart } from '../shared/vault/sealed-part.ts';
import { Vault } from '../shared/vault/vault.ts';
import { z } from 'zod';

/**
 * What the bench of encryption runs in workerd. `/events` writes events as a session does, each in a transaction; `/reads`
 * reads them; `/wakes` takes up what is stored. `times`: how often; `sealed`: with encryption. Time is taken outside,
 * because workerd's clock stands still while it computes.
 */
interface Env {
  BENCH: DurableObjectNamespace<VaultBench>;
  KEK_KEYS: string;
}

const OWNER = { tenant: 'workspace', subject: 'session/bench' };
const Event = z.object({ data: z.record(z.string(), z.unknown()), delta: z.unknown(), checksum: z.string() });
/** An event of the usual size: a terminal that ended. */
const EVENT = {
  data: { channel: 1, reason: 'exited', exitCode: 0, signal: null },
  delta: {
    terminals: {
      1: { state: 'exited', exit: { offset: 123_456, exitCode: 0, signal: null, reason: 'exited' } },
    },
  },
  checksum: '0123456789abcdef0123456789abcdef',
};

export class VaultBench extends DurableObject<Env> {
  override async fetch(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const times = Number(searchParams.get('times'));
    const sealed = searchParams.get('sealed') === 'true';
    const { sql } = this.ctx.storage;
    sql.exec('CREATE TABLE IF NOT EXISTS events (seq INTEGER PRIMARY KEY, clear TEXT, content BLOB)');
    const vault = await this.#unlocked();
    const events = new SealedPart(vault, 'event', Event, EVENT);
    if (pathname === '/events') {
      sql.exec('DELETE FROM events');
      for (let seq = 1; seq <= times; seq += 1) {
        this.ctx.storage.transactionSync(() => {
          const [clear, content] = sealed
            ? [null, events.seal(seq, EVENT).buffer]
            : [JSON.stringify(EVENT), null];
          sql.exec('INSERT INTO events VALUES (?, ?, ?)', seq, clear, content);
        });
      }
    } else if (pathname === '/reads') {
      for (const { seq, clear, content } of sql.exec('SELECT * FROM events').toArray()) {
        if (content instanceof ArrayBuffer) events.open(Number(seq), content);
        else Event.parse(JSON.parse(String(clear)));
      }
    } else if (pathname === '/wakes') {
      for (let n = 0; n < times; n += 1) {
        sql.exec('SELECT * FROM events WHERE seq = 1').toArray();
        if (sealed) await this.#unlocked();
      }
    }
    return new Response();
  }

  async #unlocked(): Promise<Vault> {
    const vault = new Vault(this.ctx.storage.sql, new ConfiguredKek(this.env.KEK_KEYS));
    await vault.unlock(OWNER);
    return vault;
  }
}

export default {
  fetch: (request: Request, env: Env): Promise<Response> =>
    env.BENCH.get(env.BENCH.idFromName('bench')).fetch(request),
};
