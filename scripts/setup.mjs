/**
 * Prepares this checkout: dependencies, the pinned Node, and system packages where apt and root allow. Runs on any
 * Node >= 20 with nothing installed, does nothing when all is there, and says in one line what is missing otherwise.
 * `--for=start` (default) or `--for=test`.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const STAMP = join(ROOT, 'node_modules/.alex-setup');
const PINNED_NODE = join(ROOT, 'node_modules/.bin/node');
/** Program to look for, and the Debian package that brings it. */
const PROGRAMS = {
  start: { bwrap: 'bubblewrap', setpriv: 'util-linux', unshare: 'util-linux', perl: 'perl-base' },
  test: {
    bwrap: 'bubblewrap',
    setpriv: 'util-linux',
    unshare: 'util-linux',
    perl: 'perl-base',
    chromium: 'chromium',
    tmux: 'tmux',
    vim: 'vim',
    less: 'less',
    htop: 'htop',
  },
};

const say = (text) => process.stderr.write(`${text}\n`);

function fail(text) {
  say(text);
  process.exit(1);
}

function run(command, args, env = {}) {
  const result = spawnSync(command, args, {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, ...env },
  });
  return result.status === 0;
}

function onPath(program) {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .concat('/usr/sbin', '/sbin')
    .some((folder) => {
      try {
        accessSync(join(folder, program), constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

function dependencies() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex');
  const have = existsSync(STAMP) ? readFileSync(STAMP, 'utf8') : '';
  if (have === wanted && existsSync(PINNED_NODE)) return;
  say('Installing dependencies (once; about a minute)…');
  if (!run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])) {
    fail('npm ci failed. Check that the npm registry can be reached, then run the command again.');
  }
  if (spawnSync(PINNED_NODE, ['--version']).status !== 0) {
    fail('The pinned Node did not install. Run `npm rebuild node`, then the command again.');
  }
  writeFileSync(STAMP, wanted);
}

function systemPackages(programs) {
  const missing = Object.keys(programs).filter((program) => !onPath(program));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((program) => programs[program]))];
  const advice = `Missing: ${missing.join(', ')}. Install with: apt-get install ${packages.join(' ')}\n(Or, if all who can sign in may do whatever you may do: ALEX_DRIVER=none runs shells without isolation.)`;
  if (process.platform !== 'linux') fail('Alex Edge needs Linux: sandboxes are made of Linux namespaces.');
  if (process.getuid() !== 0 || !onPath('apt-get')) fail(advice);
  say(`Installing ${packages.join(', ')}…`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  run('apt-get', ['update', '-qq'], env);
  if (!run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], env)) fail(advice);
}

const purpose = process.argv.includes('--for=test') ? 'test' : 'start';
if (Number(process.versions.node.split('.')[0]) < 20)
  fail(`Node 20 or newer is needed; this is ${process.version}.`);
dependencies();
if (purpose === 'test' || process.env.ALEX_DRIVER !== 'none') systemPackages(PROGRAMS[purpose]);
