import { z } from 'zod';
import type { JWK } from 'jose';
import { AuditCheckpoint } from '../../../protocol/audit/checkpoint.ts';
import { canonicalJson } from '../../../protocol/sync/json.ts';
import type { Env } from '../env.ts';
import type { AuditSigner } from './signer.ts';

const CHECKPOINTS = 'audit/checkpoints/';
const KEYS = 'audit/keys/';
const SEQ_DIGITS = 15;
/** Keys that are published at most: each is a signing key the deployment once had. */
const MAX_KEYS = 100;

const PublicJwk = z.strictObject({
  ...{ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.string(), kid: z.string() },
  ...{ alg: z.literal('EdDSA'), use: z.literal('sig') },
});

/**
 * Checkpoints in object storage, where the actor that wrote the log cannot take them back, and the public keys that
 * verify them. Names are never written twice. Without a bucket nothing is kept here.
 */
export class AuditArchive {
  readonly #bucket: Env['ARCHIVE'];

  constructor(env: Pick<Env, 'ARCHIVE'>) {
    this.#bucket = env.ARCHIVE;
  }

  /** Keeps a checkpoint. Out: the one that is kept under its name, which is an older one when there was one. */
  async put(checkpoint: AuditCheckpoint, signer: AuditSigner): Promise<AuditCheckpoint> {
    if (this.#bucket === undefined) return checkpoint;
    await this.#once(`${KEYS}${signer.kid}.json`, canonicalJson(PublicJwk.parse(signer.publicJwk)));
    const name = checkpointName(checkpoint.workspaceId, checkpoint.seq);
    if (await this.#once(name, canonicalJson(checkpoint))) return checkpoint;
    const kept = await this.#bucket.get(name);
    return kept === null ? checkpoint : AuditCheckpoint.parse(await kept.json());
  }

  /** A workspace's checkpoints of the rows from `firstSeq` to `lastSeq`, oldest first; at most `limit`. */
  async list(
    workspaceId: string,
    firstSeq: number,
    lastSeq: number,
    limit: number,
  ): Promise<AuditCheckpoint[]> {
    if (this.#bucket === undefined) return [];
    const listed = await this.#bucket.list({
      prefix: checkpointName(workspaceId, null),
      // Names behind this one.
      startAfter: checkpointName(workspaceId, firstSeq - 1),
      limit,
    });
    const wanted = listed.objects.filter(({ key }) => key <= checkpointName(workspaceId, lastSeq));
    const objects = await Promise.all(wanted.map(({ key }) => this.#bucket?.get(key) ?? null));
    const texts = objects.flatMap((object) => (object === null ? [] : [object.json()]));
    return z.array(AuditCheckpoint).parse(await Promise.all(texts));
  }

  /** Every key that ever signed a checkpoint here. */
  async keys(): Promise<JWK[]> {
    if (this.#bucket === undefined) return [];
    const { objects } = await this.#bucket.list({ prefix: KEYS, limit: MAX_KEYS });
    const found = await Promise.all(objects.map(({ key }) => this.#bucket?.get(key) ?? null));
    const texts = found.flatMap((object) => (object === null ? [] : [object.json()]));
    return z.array(PublicJwk).parse(await Promise.all(texts));
  }

  /** Writes an object unless its name is taken. True when it was written. */
  async #once(name: string, text: string): Promise<boolean> {
    const onlyIf = new Headers({ 'if-none-match': '*' });
    const httpMetadata = { contentType: 'application/json' };
    const written = await this.#bucket?.put(name, text, { onlyIf, httpMetadata });
    return written !== undefined && written !== null;
  }
}

function checkpointName(workspaceId: string, seq: number | null): string {
  const folder = `${CHECKPOINTS}${encodeURIComponent(workspaceId)}/`;
  return seq === null ? folder : `${folder}${String(seq).padStart(SEQ_DIGITS, '0')}.json`;
}
