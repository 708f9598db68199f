// Small facts about HTML that the rich text editor goes by.

/** Tags that the editor writes in its own way without losing anything. */
const SAME: Record<string, string> = { b: 'strong', i: 'em', del: 's', strike: 's', div: 'p', h5: 'h5', h6: 'h6' };
/** Tags that stand for nothing by themselves. */
const EMPTY = new Set(['span', 'html', 'head', 'body', 'tbody', 'p', 'br']);

/** Attributes that say nothing when they are empty. */
const NOTHING = /^(class|style)=$/;
const COMMENT = /<!--[\s\S]*?(?:-->|$)/g;
const TAG = /<([a-z][a-z0-9-]*)((?:"[^"]*"|'[^']*'|[^'">])*)/gi;
const ATTRIBUTE = /([^\s=/]+)(?:\s*=\s*("[^"]*"|'[^']*'|[^\s"']+))?/g;

interface Tag {
  name: string;
  /** As `name=value`. */
  attributes: string[];
}

function tagsOf(html: string): Tag[] {
  return [...html.replace(COMMENT, '').matchAll(TAG)].map(([, name = '', rest = '']) => ({
    name: name.toLowerCase(),
    attributes: [...rest.matchAll(ATTRIBUTE)]
      .map(([, key = '', value = '']) => `${key.toLowerCase()}=${textOf(value.replace(/^(["'])([\s\S]*)\1$/, '$2'))}`)
      .filter((attribute) => !NOTHING.test(attribute)),
  }));
}

/** What an attribute says, however its characters are written. */
function textOf(value: string): string {
  const names: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0', amp: '&' };
  return value.replace(/&(?:#(\d+)|#x([\da-f]+)|([a-z]+));/gi, (whole, decimal: string, hex: string, name: string) => {
    if (name) return names[name] ?? whole;
    const code = decimal ? parseInt(decimal, 10) : parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

const same = (name: string) => SAME[name] ?? name;

/** What editing a text visually would lose: tags, attributes and comments, as they would be written. */
export function lostParts(original: string, edited: string): string[] {
  const kept = tagsOf(edited);
  const tags = new Set(kept.map(({ name }) => name));
  const left = new Map<string, number>();
  for (const { name, attributes } of kept) {
    for (const one of attributes) left.set(`${name} ${one}`, (left.get(`${name} ${one}`) ?? 0) + 1);
  }
  const lost = new Set<string>();
  for (const { name, attributes } of tagsOf(original)) {
    if (!tags.has(same(name)) && !EMPTY.has(same(name))) {
      lost.add(`<${name}>`);
      continue;
    }
    for (const one of attributes) {
      const there = left.get(`${same(name)} ${one}`) ?? 0;
      if (there) left.set(`${same(name)} ${one}`, there - 1);
      else lost.add(`<${name} ${one.slice(0, one.indexOf('='))}>`);
    }
  }
  if ((original.match(COMMENT)?.length ?? 0) > (edited.match(COMMENT)?.length ?? 0)) lost.add('<!-- -->');
  return [...lost];
}

/** Whether an image may be loaded in the panel: its own server's, or one that is within the text. */
export function isShownImage(src: string, origin: string): boolean {
  if (/^(data:image\/|blob:)/i.test(src)) return true;
  try {
    return new URL(src, origin).origin === origin;
  } catch {
    return false;
  }
}

/** Whether something may be linked to: nothing that would run. */
export function isSafeLink(address: string): boolean {
  return /^(https?:|mailto:|tel:|\/|#|\.)/i.test(address.trim());
}

/** Addresses of this server without its name, for fields that ask for it. */
export function withoutOrigin(html: string, origin: string): string {
  return html.replaceAll(/(\s(?:href|src)=["'])([^"']*)/gi, (whole, start: string, address: string) =>
    address.startsWith(`${origin}/`) ? start + address.slice(origin.length) : whole,
  );
}
