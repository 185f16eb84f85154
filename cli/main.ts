import { runCli } from './program.ts';

// `alex ls | head -1` is fine: a reader that has enough is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
// Nor is one that does not want to know what went wrong: the exit code says it.
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await runCli(
  {
    env: process.env,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    nowMs: () => Date.now(),
  },
  process.argv.slice(2),
);
