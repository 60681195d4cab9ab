import { Command, Option } from 'commander';
import type { HostsRequest } from '../../open/open-connections.ts';
import { addReportOptions, type ReportOptions } from '../options.ts';

interface HostsOptions extends ReportOptions {
  host: string;
  direction?: HostsRequest['direction'];
  explain?: true;
}

const EXAMPLES = `
Examples:
  daybook hosts connections.log --host Matina            peer, connections from it, connections to it
  daybook hosts connections.log --host Matina --from 1565647204351 --through 1565733598341
  daybook hosts connections.log --host Matina --direction in --format table`;

/** `daybook hosts`: who connected to a host, and to whom it connected. */
export function hostsCommand(): Command {
  const command = new Command('hosts')
    .summary('who connected to a host, and to whom it connected')
    .description(
      'Counts the connections of a host with each of its peers in a log of lines EPOCH SOURCE TARGET, which ' +
        'may be out of order. A connection of the host with itself is counted once in each direction. All ' +
        'other lines are rejected and counted.',
    )
    .argument('[files...]', 'logs or patterns; plain, gzip or zstd; - is standard input', ['-'])
    .optionsGroup('Hosts:')
    .requiredOption('--host <host>', 'whose peers')
    .addOption(
      new Option(
        '--direction <direction>',
        'only peers that connected to the host (in), or to which it connected (out)',
      ).choices(['in', 'out', 'both']),
    )
    .option('--explain', 'list the connections, with the lines where they stand');
  addReportOptions(command);
  return command
    .addHelpText('after', EXAMPLES)
    .action(async (files: string[], options: HostsOptions) => {
      const { openHosts } = await import('../../open/open-connections.ts');
      const { print } = await import('../print.ts');
      await print(await openHosts({ ...options, files }), options);
    });
}
