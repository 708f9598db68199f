// JSON whose numbers stay as they were written, where a number of this language would round them.

interface RawJSON {
  readonly rawJSON: string;
}
/** What browsers have since 2025 and the types do not know yet. */
const { rawJSON, isRawJSON, parse } = JSON as unknown as {
  rawJSON?: (text: string) => RawJSON;
  isRawJSON?: (value: unknown) => value is RawJSON;
  parse: (text: string, reviver?: (key: string, value: unknown, context?: { source?: string }) => unknown) => unknown;
};

/** How many digits a number always keeps. */
const SURE_DIGITS = 15;

/** Reads JSON; a number that would be rounded is kept as its text, which `JSON.stringify` writes as it stands. */
export function parseExact(text: string): unknown {
  // Most have no such number, and are read faster without looking at each.
  if (!rawJSON || !/\d[\d.]{15}|\d[eE]/.test(text)) return parse(text);
  return parse(text, (_, value, context) => {
    const source = context?.source;
    const isRounded = typeof value === 'number' && source !== undefined && digits(source) !== digits(String(value));
    return isRounded ? rawJSON(source) : value;
  });
}

/** The text of a number that is kept as its text; any other value as it is. */
export function withoutExact(value: unknown): unknown {
  return isRawJSON?.(value) ? value.rawJSON : value;
}

/** The answer's JSON is read exactly too. */
export async function fetchExact(url: RequestInfo | URL, options?: RequestInit): Promise<Response> {
  const response = await fetch(url, options);
  response.json = async () => parseExact(await response.text());
  return response;
}

/** Whether a value that was read in the usual way holds a number that may have been rounded. */
export function mayBeRounded(value: unknown): boolean {
  if (typeof value === 'number') return digits(String(value)).length > SURE_DIGITS;
  return typeof value === 'object' && value !== null && Object.values(value).some(mayBeRounded);
}

/** The digits that count. */
function digits(number: string): string {
  return number
    .replace(/e.*$/i, '')
    .replace(/[-.]/g, '')
    .replace(/^0+|0+$/g, '');
}
