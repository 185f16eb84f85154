import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';

export const START_HELP = `npm start -- [options]

  --port N     port of the edge (ALEX_PORT, 8787)
  --host ADDR  address it binds (ALEX_HOST, 127.0.0.1)
  --data DIR   the one directory with all state (ALEX_DATA, .alex)
  --open       open the sign-in link in a browser (ALEX_OPEN=1)
  --json       one JSON line {"url","signInUrl","token"} when ready (ALEX_JSON=1)
  --help`;

/** What `npm start` was asked for. `data` is absolute. */
export interface StartOptions {
  port: number;
  host: string;
  data: string;
  open: boolean;
  json: boolean;
}

const Port = z.coerce
  .number('The port is a number.')
  .int('The port is a whole number.')
  .min(1, 'Ports begin at 1.')
  .max(65_535, 'Ports end at 65535.');

/** Reads flags, then variables, then defaults (`root`/.alex). `help` for --help. Throws an error for a person to read. */
export function startOptions(
  args: string[],
  env: Record<string, string | undefined>,
  root: string,
): StartOptions | 'help' {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const options = { port: text, host: text, data: text, open: flag, json: flag, help: flag };
  const { values } = parseArgs({ args, options });
  if (values.help === true) return 'help';
  const port = Port.safeParse(values.port ?? env['ALEX_PORT'] ?? 8787);
  if (!port.success) throw new Error(port.error.issues[0]?.message ?? 'That is no port.');
  return {
    port: port.data,
    host: values.host ?? env['ALEX_HOST'] ?? '127.0.0.1',
    data: resolve(values.data ?? env['ALEX_DATA'] ?? join(root, '.alex')),
    open: values.open ?? env['ALEX_OPEN'] === '1',
    json: values.json ?? env['ALEX_JSON'] === '1',
  };
}
