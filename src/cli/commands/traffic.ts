import { Command } from 'commander';
import { addReportOptions, type ReportOptions } from '../options.ts';
import { addBusyOptions, type BusyOptions } from './top.ts';

interface TrafficOptions extends ReportOptions, BusyOptions {
  host: string;
}

const EXAMPLES = `
Examples:
  daybook traffic connections.log --host Matina --every 1h`;

/** `daybook traffic`: the peers of a host and the busiest hosts. */
export function trafficCommand(): Command {
  const command = new Command('traffic')
    .summary('peers of a host and the busiest hosts, also live')
    .description(
      'Tells who connected to a host (inbound), to whom it connected (outbound), and the busiest hosts, in a ' +
        'log of lines EPOCH SOURCE TARGET, which may be out of order.',
    )
    .argument('[files...]', 'logs or patterns; plain, gzip or zstd; - is standard input', ['-'])
    .optionsGroup('Hosts:')
    .requiredOption('--host <host>', 'whose peers');
  addBusyOptions(command, '1');
  addReportOptions(command);
  return command
    .addHelpText('after', EXAMPLES)
    .action(async (files: string[], options: TrafficOptions) => {
      const { openTraffic } = await import('../../open/open-connections.ts');
      const { print } = await import('../print.ts');
      await print(await openTraffic({ ...options, files }), options);
    });
}
