// Addresses of pages. They stand behind `#`, and so does what a page remembers in its address: `#/collections/posts?sort=-created`.

type Values = Record<string, string | number | boolean | undefined | null>;

/** The link to a path of the panel, with what it shall remember; empty values are left out. */
export function href(path: string, values: Values = {}): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) {
    if (value !== undefined && value !== null && value !== '' && value !== false) query.set(key, String(value));
  }
  const text = query.toString();
  return `#${path}${text ? `?${text}` : ''}`;
}

/** A path made of texts that may hold anything: ``path`/collections/${name}` ``. */
export function path(parts: TemplateStringsArray, ...values: (string | number)[]): string {
  return String.raw({ raw: parts.raw }, ...values.map((value) => encodeURIComponent(value)));
}

/** The path of an address, without what it remembers. */
export function pathOf(url: URL): string {
  return url.hash.replace(/^#/, '').replace(/\?.*$/s, '') || '/';
}

/** What an address remembers. */
export function queryOf(url: URL): URLSearchParams {
  const at = url.hash.indexOf('?');
  return new URLSearchParams(at < 0 ? '' : url.hash.slice(at + 1));
}

/** Whether a path may be gone back to after signing in: one of ours, never another site. */
export function isOwnPath(path: string): boolean {
  return /^\/(?![/\\])/.test(path);
}
