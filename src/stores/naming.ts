/** Says of texts whether a name stands in them, and is not only part of another word. */
export function naming(name: string): (text: string) => boolean {
  if (name === '') return () => false;
  const word = new RegExp(`(?<![\\p{L}\\p{N}_])${RegExp.escape(name)}(?![\\p{L}\\p{N}_])`, 'u');
  return (text) => text.includes(name) && word.test(text);
}
