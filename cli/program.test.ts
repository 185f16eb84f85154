import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { expect, it } from 'vitest';
import type { Context } from './context.ts';
import { buildProgram, runCli } from './program.ts';

/** Runs `alex` with nobody signed in and nothing to reach. */
async function alex(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const env = { HOME: '/nonexistent', XDG_CONFIG_HOME: '/nonexistent' };
  const context = { env, stdin: new PassThrough(), stdout, stderr, nowMs: () => 0 } as unknown as Context;
  const code = await runCli(context, args);
  stdout.end();
  stderr.end();
  return { code, stdout: await text(stdout), stderr: await text(stderr) };
}

/** Every command there is, by the words that name it. */
function commandsOf(command: Command, path: string[] = []): { command: Command; path: string[] }[] {
  return command.commands.flatMap((each) => {
    const own = [...path, each.name()];
    return [{ command: each, path: own }, ...commandsOf(each, own)];
  });
}

const all = commandsOf(buildProgram({} as Context, [], () => undefined));

it('says what there is when nothing is asked', async () => {
  expect(await alex()).toEqual(await alex('--help'));
  expect(await alex()).toMatchObject({ code: 0, stderr: '' });
});

it('has commands', () => {
  expect(all.length).toBeGreaterThan(40);
});

it.each(all)('alex $path explains itself', async ({ command, path }) => {
  const help = await alex(...path, '--help');
  expect(help).toMatchObject({ code: 0, stderr: '' });
  expect(help.stdout).toContain(`Usage: alex ${path.join(' ')}`);
  expect(help.stdout).not.toContain('\x1b');
  expect(command.description()).toMatch(/^[^A-Z].*[^.]$|^API /s);
  for (const { description } of [...command.options, ...command.registeredArguments])
    expect(description).not.toBe('');
});

it.each(all.filter(({ command }) => command.commands.length > 0))(
  'alex $path does something without a further word',
  async ({ command, path }) => {
    const plain = await alex(
      ...path,
      ...command.registeredArguments.filter((each) => each.required).map(() => 'x'),
    );
    // Nobody is signed in, so that is how far it comes.
    expect(plain).toMatchObject({ code: 3, stdout: '' });
  },
);

it.each([
  { args: ['lst'], says: /unknown command 'lst'\n\(Did you mean ls\?\)/ },
  { args: ['ls', '--jsn'], says: /unknown option '--jsn'\n\(Did you mean --json\?\)/ },
  { args: ['keys', 'creat', 'x'], says: /too many arguments|unknown command/ },
  { args: ['new', 'a', '--', 'make'], says: /Only "alex shell"/ },
  { args: ['rm'], says: /missing required argument 'session'/ },
])('alex $args is wrong usage, and says what would be right', async ({ args, says }) => {
  const wrong = await alex(...args);
  expect(wrong.code).toBe(2);
  expect(wrong.stdout).toBe('');
  expect(wrong.stderr).toMatch(says);
  expect(wrong.stderr).toMatch(/^alex: /);
});
