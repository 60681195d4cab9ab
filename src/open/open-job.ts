import { aggregations } from '../aggregations/index.ts';
import type { Aggregation } from '../core/aggregation.ts';
import type { DecoderKind } from '../core/decoder.ts';
import type { OpenJob, PartSpec } from '../core/job.ts';
import type { Store } from '../core/store.ts';
import { decoders } from '../decoders/index.ts';
import { sources } from '../sources/index.ts';

/** Where lanes find `openJob`. */
export const jobModule: string = import.meta.url;

/** Opens the parts that a job names. Its options were checked when it was described. */
export const openJob: OpenJob = async ({ decoder, aggregation, store }) => {
  const [decoderKind, openAggregation] = await Promise.all([
    kindOf<() => Promise<DecoderKind<unknown>>>(decoders, decoder)(),
    kindOf<() => Promise<(options: unknown) => Aggregation<unknown, unknown>>>(
      aggregations,
      aggregation,
    )(),
  ]);
  return {
    sources,
    decoder: decoderKind.open(decoder.options),
    sequential: decoderKind.sequential?.(decoder.options) ?? false,
    aggregation: openAggregation(aggregation.options),
    stored: store && { ...store, store: await openStore(store.part) },
  };
};

/** Opens a store for readers; what drives it is loaded only then. */
async function openStore({ kind, options }: PartSpec): Promise<Store> {
  const { stores } = await import('../stores/index.ts');
  return kindOf<(options: unknown) => Store>(stores, { kind, options })(options);
}

function kindOf<Kind>(kinds: object, { kind }: PartSpec): Kind {
  if (!Object.hasOwn(kinds, kind)) throw new Error(`there is no kind ${kind}`);
  return (kinds as Record<string, Kind>)[kind]!;
}
