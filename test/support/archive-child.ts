/**
 * Puts a report into an archive, to be killed: `node archive-child.ts KIND OPTIONS REPORT KEY RUN`, most of it as JSON.
 *
 * It writes a line when it begins, one for each draft, and one when it is done.
 */
import { fileArchive } from '../../src/destinations/file-archive.ts';
import { s3Archive } from '../../src/destinations/s3-archive.ts';

const [kind, options, report, key, run] = process.argv.slice(2);
const archive = kind === 's3' ? s3Archive(JSON.parse(options!)) : fileArchive(JSON.parse(options!));
// So that what is killed is the put, not the loading of the driver.
await archive.find('none');
process.stdout.write('begun\n');
const outcome = await archive.put(JSON.parse(report!), key!, {
  run: run!,
  overwrite: false,
  onDraft: async (draft) => void process.stdout.write(`draft ${draft}\n`),
});
process.stdout.write(`${outcome}\n`);
await archive.close();
