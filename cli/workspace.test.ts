import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { chooseWorkspace, currentWorkspace } from './workspace.ts';

let env: Record<string, string>;
const URL = 'https://edge.test';

beforeEach(() => {
  env = { XDG_CONFIG_HOME: mkdtempSync(join(tmpdir(), 'alex-config-')) };
});
afterEach(() => rmSync(env['XDG_CONFIG_HOME'] ?? '', { recursive: true }));

it('is what the option says, else the variable, else what was chosen for this edge', () => {
  expect(currentWorkspace(env, URL, undefined)).toBeNull();
  chooseWorkspace(env, URL, 'w_chosen');
  expect(currentWorkspace(env, URL, undefined)).toBe('w_chosen');
  expect(currentWorkspace(env, 'https://other.test', undefined)).toBeNull();
  const named = { ...env, ALEX_WORKSPACE: 'w_named' };
  expect(currentWorkspace(named, URL, undefined)).toBe('w_named');
  expect(currentWorkspace(named, URL, 'w_option')).toBe('w_option');
  chooseWorkspace(env, URL, null);
  expect(currentWorkspace(env, URL, undefined)).toBeNull();
});
