import stringWidth from 'string-width';

const graphemes = new Intl.Segmenter();

/** How many columns of a terminal a text without control characters takes: `日` two, a combining accent none. */
export function textWidth(text: string): number {
  return stringWidth(text, { countAnsiEscapeCodes: true });
}

/** As much of a text's beginning as fits into so many columns, in whole characters as a person sees them. */
export function cutText(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  let width = 0;
  for (const { segment, index } of graphemes.segment(text)) {
    width += textWidth(segment);
    if (width > columns) return text.slice(0, index);
  }
  return text;
}
