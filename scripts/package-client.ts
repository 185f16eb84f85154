import { spawnSync } from 'node:child_process';
import { copyFileSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import packageJson from '../package.json' with { type: 'json' };

/**
 * Builds the client library as a package that a program outside the repository can install, and packs it: ES modules and
 * their types, for Node 20 and newer, browsers and Workers. Prints the path of the tarball. `--out DIR`: where it goes.
 */
const ROOT = join(import.meta.dirname, '..');
const PACKAGE = join(ROOT, 'dist/package');
const BUILD_TIMEOUT_MS = 120_000;

/** What a program may import, by name; everything else is the library's own concern. */
const ENTRIES = {
  './client': { node: 'client/node', default: 'client/index' },
  './client/node': { default: 'client/node' },
  './client/xterm': { default: 'client/xterm/stream-addon' },
  './client/prediction': { default: 'client/prediction/xterm-overlay' },
} as const;
/** Packages the library needs; their versions are the repository's. */
const DEPENDENCIES = ['@noble/hashes', 'ws', 'zod'] as const;

const { values } = parseArgs({ options: { out: { type: 'string', default: join(ROOT, 'dist') } } });
const out = resolve(values.out);
rmSync(PACKAGE, { recursive: true, force: true });
run('tsc', ['-p', 'client/tsconfig.build.json']);
for (const path of globSync('**/*.d.ts', { cwd: PACKAGE })) {
  // The compiler leaves the sources' names in declarations.
  const file = join(PACKAGE, path);
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replaceAll(/(from |import\()(['"])(\.[^'"]*)\.ts\2/g, '$1$2$3.js$2'),
  );
}
writeFileSync(join(PACKAGE, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`);
copyFileSync(join(ROOT, 'docs/client.md'), join(PACKAGE, 'README.md'));
copyFileSync(join(ROOT, 'LICENSE'), join(PACKAGE, 'LICENSE'));
mkdirSync(out, { recursive: true });
run('npm', ['pack', PACKAGE, '--pack-destination', out, '--silent']);
process.stdout.write(`${join(out, `${packageJson.name}-${packageJson.version}.tgz`)}\n`);

function manifest(): Record<string, unknown> {
  const { name, version, license, type, engines } = packageJson;
  const entry = (module: string): Record<string, string> => ({
    types: `./${module}.d.ts`,
    default: `./${module}.js`,
  });
  const exports = Object.entries(ENTRIES).map(([path, conditions]) => [
    path,
    Object.fromEntries(Object.entries(conditions).map(([condition, module]) => [condition, entry(module)])),
  ]);
  return {
    ...{ name, version, license, type, engines },
    description: 'Terminals in sandboxes at the edge, for programs: the client library of Alex Edge.',
    exports: Object.fromEntries(exports),
    dependencies: Object.fromEntries(DEPENDENCIES.map((each) => [each, packageJson.dependencies[each]])),
    sideEffects: false,
  };
}

function run(command: string, args: string[]): void {
  const { status, error } = spawnSync(command, args, {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: BUILD_TIMEOUT_MS,
    env: { ...process.env, PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}` },
  });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(1);
}
