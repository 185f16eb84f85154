import { type Command, InvalidArgumentError, Option } from 'commander';
import { AuditOutcome } from '../protocol/audit/entry.ts';
import { exportAudit, listAudit, type ListFlags } from './commands/audit.ts';
import { verifyAudit } from './commands/audit-verify.ts';
import type { Context } from './context.ts';

const AFTER_VERIFY_HELP = `
Nothing is asked of the network with a file of keys. Without --jwks they are asked for
where you are signed in. Exit codes: 0 whole and signed, 1 broken, 5 whole but not checked.`;

/** The commands about the audit log. */
export function auditCommands(program: Command, context: Context, setExitCode: (code: number) => void): void {
  const deployment = () =>
    new Option('--deployment', 'the log of the deployment instead of the workspace’s, for operators');
  const audit = program
    .command('audit')
    .description('who did what in the workspace, newest first: its audit log')
    .option('--action <name>', 'only this, e.g. session.delete, or all that begin so: session.')
    .option('--actor <userId>', 'only what this user did')
    .option('--target <id>', 'only what was done to this session, user, key, ...')
    .addOption(new Option('--outcome <outcome>', 'only what ended so').choices(AuditOutcome.options))
    .option('--from <time>', 'from this instant on (ISO 8601, or a date)', instant)
    .option('--to <time>', 'before this instant', instant)
    .option('--limit <count>', 'so many rows at most', wholeNumber, 50)
    .addOption(deployment())
    .option('--json', 'print each row as one line of JSON')
    .action((options: ListFlags) => listAudit(context, options));
  audit
    .command('export')
    .description('the whole log, oldest first, on standard output, with what it takes to verify it')
    .addOption(
      new Option('--format <format>', 'jsonl can be verified').choices(['jsonl', 'csv']).default('jsonl'),
    )
    .option('--since <seq>', 'only the rows after this one', wholeNumber)
    .addOption(deployment())
    // Flags before the name of a subcommand are its parent's.
    .action((options: { format: 'jsonl' | 'csv'; since?: number; deployment?: boolean }, command: Command) =>
      exportAudit(context, { ...command.optsWithGlobals(), ...options }),
    );
  audit
    .command('verify')
    .description('check an exported log: every row there, in its order, unchanged, and signed for')
    .argument('<file>', 'what "alex audit export" wrote; - for standard input')
    .option('--jwks <file or url>', 'the public keys (JSON Web Key Set), from /.well-known/audit-keys.json')
    .option('--json', 'print JSON')
    .addHelpText('after', AFTER_VERIFY_HELP)
    .action(async (file: string, options: { jwks?: string; json?: boolean }, command: Command) => {
      setExitCode(await verifyAudit(context, file, { ...command.optsWithGlobals(), ...options }));
    });
}

function instant(text: string): string {
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs))
    throw new InvalidArgumentError('An instant is like 2026-11-25 or 2026-11-25T10:00:00Z.');
  return new Date(atMs).toISOString();
}

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('It is a whole number.');
  return Number(text);
}
