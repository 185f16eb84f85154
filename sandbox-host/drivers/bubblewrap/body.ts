import { randomBytes } from 'node:crypto';
import { chownSync, mkdirSync } from 'node:fs';
import type { SandboxLimits } from '../../../protocol/messages/host.ts';
import { createLimitGroup, type LimitGroup, listLimitGroups, openLimitGroup } from './cgroups.ts';
import { closeNamespaces, type Holder, startHolder } from './holder.ts';
import { killGroup } from './kill.ts';
import { prepareRuntime, removeRuntime } from './runtime.ts';
import { imageIsFree, type Workspace, type Workspaces } from './workspaces.ts';

/** Everything of a running sandbox but whose it is. */
export interface Body {
  /** Host uid and gid. */
  uid: number;
  group: LimitGroup;
  holder: Holder;
  /** File with the system call filter of its processes. */
  filterFile: string;
  workspace: Workspace;
}

/** What a body is made of. */
export interface BodyPlan {
  uid: number;
  workspace: Workspace;
  /** Make the workspace first: there is none yet. */
  fresh: boolean;
  limits: SandboxLimits;
  niceness: number;
}

/** Makes and ends the bodies of one data directory's sandboxes. */
export class BodyShop {
  readonly #workspaces: Workspaces;
  /** Names of cgroups are the machine's; those of two data directories must not meet. */
  readonly #prefix: string;
  readonly #runtimeRoot: string;

  constructor(workspaces: Workspaces, prefix: string) {
    this.#workspaces = workspaces;
    this.#prefix = `${prefix}.`;
    this.#runtimeRoot = `/run/alex-edge/${prefix}`;
  }

  /** Rejects with a sentence for a person; nothing of it is left then but a workspace that was made. */
  async make(plan: BodyPlan): Promise<Body> {
    const { uid, workspace, fresh, limits, niceness } = plan;
    const { folders, filterFile } = prepareRuntime(this.#runtimeRoot);
    if (workspace.kind === 'folder') {
      mkdirSync(workspace.path, { recursive: true, mode: 0o750 });
      chownSync(workspace.path, uid, uid);
    }
    if (!fresh) await imageIsFree(workspace);
    const imageBytes = fresh && workspace.kind === 'image' ? limits.diskBytes : null;
    const group = createLimitGroup(this.#prefix + randomBytes(12).toString('hex'), limits);
    const { procsFiles } = group;
    try {
      const holder = await startHolder({ uid, folders, procsFiles, workspace, imageBytes, niceness });
      return { uid, group, holder, filterFile, workspace };
    } catch (error) {
      await killGroup(group);
      throw error;
    }
  }

  /** Kills everything of a body and waits until it is gone. Rejects when that takes too long. */
  async end(body: Body): Promise<void> {
    await killGroup(body.group);
    closeNamespaces(body.holder.namespaces);
  }

  /** Ends the bodies that an earlier executor left, and deletes what it had made ahead. */
  async sweep(found: (group: string) => void): Promise<void> {
    for (const name of listLimitGroups().filter((group) => group.startsWith(this.#prefix))) {
      found(name);
      await killGroup(openLimitGroup(name));
    }
    this.#workspaces.sweep();
    // What it is made of may differ from version to version.
    removeRuntime(this.#runtimeRoot);
  }

  /** Takes away what bodies were made from; when there is none any more. */
  close(): void {
    removeRuntime(this.#runtimeRoot);
  }
}
