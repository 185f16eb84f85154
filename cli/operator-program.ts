import type { Command } from 'commander';
import { drainHost, listHosts } from './commands/hosts.ts';
import { usage } from './commands/usage.ts';
import type { Context } from './context.ts';

interface HostFlags {
  region?: string;
  json?: boolean;
}

/** Commands about what is used, and about the machines it runs on. */
export function operatorCommands(program: Command, context: Context): void {
  program
    .command('usage')
    .description('what is used of what there is, and what this month has cost')
    .option('--json', 'print JSON')
    .action((options: { json?: boolean }) => usage(context, options));
  const hosts = program.command('hosts').description('the sandbox hosts of a region, for operators');
  hosts
    .command('list', { isDefault: true })
    .description('list them; also without "list"')
    .option('--region <name>', 'in place of the edge’s own')
    .option('--json', 'print JSON')
    .action((options: HostFlags) => listHosts(context, options));
  hosts
    .command('drain')
    .description('give a host no more sessions; those it has go on')
    .argument('<host>', 'its id')
    .option('--region <name>', 'in place of the edge’s own')
    .action((host: string, options: HostFlags) => drainHost(context, host, options));
}
