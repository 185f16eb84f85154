import { expect, test } from 'vitest';
import { Pty } from './pty.ts';

const SIZE = { cols: 80, rows: 24 };

/** Runs a shell script in a terminal; resolves with its whole output and exit code. */
function run(
  script: string,
  during?: (pty: Pty, text: () => string) => void,
): Promise<{ output: Buffer; code: number | null }> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const plan = { file: '/bin/sh', args: ['-c', script], env: { PATH: '/usr/bin:/bin', TERM: 'xterm' } };
    const pty: Pty = new Pty(plan, SIZE, {
      onOutput(bytes) {
        chunks.push(Buffer.from(bytes));
        during?.(pty, () => Buffer.concat(chunks).toString());
      },
      onExit: (code) => resolve({ output: Buffer.concat(chunks), code }),
    });
  });
}

test('the last bytes come before the exit status, run after run', async () => {
  const bytes = 20_000_000;
  for (let round = 0; round < 10; round++) {
    const { output, code } = await run(`head -c ${bytes} /dev/zero | tr '\\0' x; printf end; exit 7`);
    expect(output.length).toBe(bytes + 3);
    expect(output.subarray(-4).toString()).toBe('xend');
    expect(code).toBe(7);
  }
});

test('nothing is lost when nobody reads for a while after the program ended', async () => {
  const started = Date.now();
  const { output } = await run('printf start; head -c 3000 /dev/zero | tr "\\0" y; printf end', (pty) => {
    if (Date.now() - started < 10_000 && pty.queuedBytes === 0) {
      pty.pause();
      setTimeout(() => pty.resume(), 400);
    }
  });
  expect(output.toString()).toBe(`start${'y'.repeat(3000)}end`);
});

test('a signal shows as 128 + n', async () => {
  expect((await run('kill -9 $$')).code).toBe(137);
});

test('input is taken whole by a program that reads slowly', async () => {
  const text = 'z'.repeat(200_000);
  let sent = false;
  const { output } = await run(
    'stty raw -echo; printf go; sleep 0.3; head -c 200000 | wc -c',
    (pty, seen) => {
      if (sent || !seen().includes('go')) return;
      sent = true;
      pty.write(Buffer.from(text), () => undefined);
    },
  );
  expect(output.toString()).toContain('200000');
});

test('hanging up ends a program that ignores it', async () => {
  const { code } = await run('trap "" HUP; echo ready; sleep 1000; sleep 1000', (pty, text) => {
    if (text().includes('ready')) pty.hangUp();
  });
  expect(code === null || code >= 128).toBe(true);
});
