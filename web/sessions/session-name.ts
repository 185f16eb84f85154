const ADJECTIVES = [
  'amber',
  'brisk',
  'calm',
  'clear',
  'coral',
  'dusky',
  'early',
  'fleet',
  'green',
  'lucid',
  'mellow',
  'quiet',
  'rapid',
  'silver',
  'still',
  'sunny',
  'vivid',
  'warm',
];
const NOUNS = [
  'basin',
  'brook',
  'canyon',
  'cedar',
  'cove',
  'delta',
  'field',
  'glade',
  'grove',
  'harbor',
  'island',
  'lagoon',
  'meadow',
  'ridge',
  'river',
  'shore',
  'summit',
  'valley',
];

/** A name a person can say, like `quiet-harbor`. `random` answers in [0, 1). */
export function sessionName(random: () => number): string {
  const pick = (words: string[]): string => words[Math.floor(random() * words.length)] ?? 'new';
  return `${pick(ADJECTIVES)}-${pick(NOUNS)}`;
}

/** How long ago, in the shortest words: `now`, `5 min`, `3 h`, `12 d`. */
export function ago(iso: string, nowMs: number): string {
  const minutes = Math.floor((nowMs - Date.parse(iso)) / 60_000);
  if (minutes < 1) return 'now';
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}
