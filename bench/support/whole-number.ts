/** Reads the value of an option that is a whole number. */
export function wholeNumber(option: string, text: string, least = 1): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least || text.trim() === '') {
    throw new Error(`${option} is a whole number of at least ${least}, not "${text}"`);
  }
  return value;
}
