import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { configPath, type Environment } from './config.ts';

/** The workspace that `alex workspaces use` chose, and at which edge. */
const Chosen = z.object({ url: z.string(), workspaceId: z.string() });

function pathOf(env: Environment): string {
  return join(dirname(configPath(env)), 'workspace.json');
}

/**
 * Which workspace commands are about: `--workspace`, else ALEX_WORKSPACE, else the one chosen for this edge. Null: the
 * one that the login names.
 */
export function currentWorkspace(env: Environment, url: string, option: string | undefined): string | null {
  const named = option ?? env['ALEX_WORKSPACE'];
  if (named !== undefined && named !== '') return named;
  try {
    const chosen = Chosen.parse(JSON.parse(readFileSync(pathOf(env), 'utf8')));
    return chosen.url === url ? chosen.workspaceId : null;
  } catch {
    // None was chosen, or the file is not ours.
    return null;
  }
}

/** Remembers a workspace for an edge; null: forgets it. */
export function chooseWorkspace(env: Environment, url: string, workspaceId: string | null): void {
  const path = pathOf(env);
  if (workspaceId === null) return rmSync(path, { force: true });
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, `${JSON.stringify({ url, workspaceId })}\n`, { mode: 0o600 });
}
