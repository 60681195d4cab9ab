import { naming } from '../naming.ts';
import type { MemoryEvent } from './memory-events.ts';
import { countedIn, type MemoryInput, type MemorySegment } from './memory-input.ts';

/** What is left of inputs when a subject is erased, and how many events are not. */
export function withoutSubject(
  inputs: ReadonlyMap<number, MemoryInput>,
  subject: string,
): { left: Map<number, MemoryInput>; count: number } {
  const name = Buffer.from(subject).toString('latin1');
  const isOwn = (event: MemoryEvent) => event.subject === name;
  const isNamed = naming(subject);
  const ids = new Set(
    [...inputs.values()].flatMap(({ stream, segments }) =>
      segments.flatMap(countedIn).flatMap((event) => (isOwn(event) ? idIn(stream, event) : [])),
    ),
  );
  let count = 0;
  const eraseIn = (stream: string, segment: MemorySegment): MemorySegment => {
    const events = segment.events.filter((event) => !isOwn(event));
    const gone = segment.gone.filter((event) => !isOwn(event));
    count += segment.events.length - events.length;
    const own = countedIn(segment).filter(isOwn);
    // Whose id was counted by an event that is erased does not count in its place.
    const uncounted = segment.uncounted.filter(
      (event) => !isOwn(event) && !ids.has(idIn(stream, event)),
    );
    const rejects = segment.rejects.map((reject) => {
      const isOfOwn = reject.reason === 'conflict' && ids.has(`${stream}\0${reject.text}`);
      return isOfOwn || isNamed(reject.text) ? { ...reject, text: '' } : reject;
    });
    const erased = [...segment.erased, ...own.map(({ time }) => time)];
    return { ...segment, events, gone, uncounted, rejects, erased };
  };
  const left = [...inputs].map(([id, input]) => {
    const segments = input.segments.map((segment) => eraseIn(input.stream, segment));
    return [id, { ...input, segments }] as const;
  });
  return { left: new Map(left), count };
}

function idIn(stream: string, { id }: MemoryEvent): string {
  return `${stream}\0${Buffer.from(id, 'latin1').toString()}`;
}
