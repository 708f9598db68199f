// Which commands fit a text, best first.

interface Findable {
  title: string;
  section: string;
  words?: string;
}

/** All of them for an empty text; otherwise those that hold each of its words, those that begin so first. */
export function ranked<T extends Findable>(all: readonly T[], text: string): T[] {
  const wanted = text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (!wanted.length) return [...all];
  return all
    .map((one, at) => ({ one, at, rank: rank(one, wanted) }))
    .filter(({ rank }) => rank > 0)
    .sort((a, b) => b.rank - a.rank || a.at - b.at)
    .map(({ one }) => one);
}

function rank({ title, section, words = '' }: Findable, wanted: readonly string[]): number {
  const [name, rest] = [title.toLowerCase(), `${words} ${section}`.toLowerCase()];
  let sum = 0;
  for (const word of wanted) {
    if (name.startsWith(word)) sum += 4;
    else if (name.split(/[^\p{L}\p{N}]+/u).some((part) => part.startsWith(word))) sum += 3;
    else if (name.includes(word)) sum += 2;
    else if (rest.includes(word)) sum += 1;
    else return 0;
  }
  return sum;
}
