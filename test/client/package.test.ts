import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { within } from '../support/deadline.ts';
import { Stack } from '../support/stack.ts';

/**
 * The packed library in a folder of its own, as somebody who installed it has it: only the tarball and the packages it
 * depends on, run by whatever Node is there, without a TypeScript loader.
 */
const ROOT = join(import.meta.dirname, '..', '..');
const PROGRAM_TIMEOUT_MS = 30_000;
const BUILD_TIMEOUT_MS = 60_000;
let stack: Stack;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'alex-package-'));
  const script = ['scripts/package-client.ts', '--out', folder];
  const packed = spawnSync(process.execPath, script, {
    cwd: ROOT,
    encoding: 'utf8',
    timeout: BUILD_TIMEOUT_MS,
  });
  expect(packed.stderr).toBe('');
  const installed = join(folder, 'node_modules/alex-edge');
  mkdirSync(installed, { recursive: true });
  expect(
    spawnSync('tar', ['-xzf', packed.stdout.trim(), '-C', installed, '--strip-components=1']).status,
  ).toBe(0);
  for (const name of ['zod', 'ws', '@noble/hashes', '@types/node', '@types/ws', '@xterm/headless']) {
    const link = join(folder, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), link);
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  stack = await Stack.start();
});
afterAll(async () => {
  await stack.stop();
  rmSync(folder, { recursive: true });
});

/** Runs a program in the folder; `node`: which Node. Out: what it printed. */
async function run(node: string, source: string): Promise<string> {
  const file = join(folder, 'program.mjs');
  writeFileSync(file, source);
  const child = spawn(node, [file], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', ALEX_URL: stack.url, ALEX_TOKEN: stack.token },
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (printed += text));
  }
  const [code] = (await within(once(child, 'close'), PROGRAM_TIMEOUT_MS, 'the program')) as [number | null];
  expect(code, printed).toBe(0);
  return printed;
}

/** The Node of the repository, and the machine's own if it has another. */
function nodes(): string[] {
  const own = spawnSync('node', ['-p', 'process.execPath'], {
    encoding: 'utf8',
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
  }).stdout?.trim();
  return [...new Set([process.execPath, own ?? ''])].filter((path) => path !== '');
}

describe('the packed client library', () => {
  it.each(nodes())('runs a program by %s', async (node) => {
    const printed = await run(
      node,
      `import { connect } from 'alex-edge/client';
       const session = await connect({ url: process.env.ALEX_URL, token: process.env.ALEX_TOKEN, name: 'packed' });
       const { output, exitCode } = await session.run(['sh', '-c', 'echo from the package; exit 4']);
       console.log(JSON.stringify({ output, exitCode, name: session.state.session.name }));
       session.close();`,
    );
    expect(JSON.parse(printed)).toEqual({ output: 'from the package\r\n', exitCode: 4, name: 'packed' });
  });

  it('draws in an xterm.js terminal by its add-on', async () => {
    const printed = await run(
      process.execPath,
      `import headless from '@xterm/headless';
       import { connect } from 'alex-edge/client';
       import { StreamAddon } from 'alex-edge/client/xterm';
       const session = await connect({ url: process.env.ALEX_URL, token: process.env.ALEX_TOKEN });
       const screen = new headless.Terminal({ cols: 80, rows: 24, allowProposedApi: true });
       const addon = new StreamAddon();
       screen.loadAddon(addon);
       const terminal = await session.open({ command: ['cat'], sink: addon.sink });
       addon.bind(terminal.stream);
       screen.input('typed\\n\\x04');
       await terminal.exited;
       await new Promise((done) => screen.write('', done));
       console.log(screen.buffer.active.getLine(0).translateToString(true));
       session.close();`,
    );
    expect(printed).toBe('typed\n');
  });

  it('has types, and shows nothing but what it exports', () => {
    writeFileSync(
      join(folder, 'typed.mts'),
      `import { connect, type Session, SessionError } from 'alex-edge/client';
       import { StreamAddon } from 'alex-edge/client/xterm';
       const session: Session = await connect({ url: 'http://x', token: null, timeoutMs: 1 });
       const stop: () => void = session.on('changed', (state, events) => [state.session.name, events[0]?.delta]);
       const code: number | null = (await (await session.open({ sink: new StreamAddon().sink })).exited).exitCode;
       // @ts-expect-error: no such event
       session.on('no-such-event', () => undefined);
       export { stop, code, SessionError };`,
    );
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--types', 'node'];
    const checked = spawnSync(join(ROOT, 'node_modules/.bin/tsc'), [...options, 'typed.mts'], {
      ...{ cwd: folder, encoding: 'utf8', timeout: BUILD_TIMEOUT_MS },
    });
    expect(checked.stdout).toBe('');
    expect(readdirSync(join(folder, 'node_modules/alex-edge')).sort()).toEqual([
      ...['LICENSE', 'README.md', 'client', 'package.json', 'protocol'],
    ]);
  });
});
