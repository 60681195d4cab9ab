/** Data as it is when it was written and read. */
export function asPlainData<Data>(data: Data): Data {
  return data === undefined ? data : JSON.parse(JSON.stringify(data));
}
