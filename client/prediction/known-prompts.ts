import type { TerminalMode } from '../../protocol/messages/session.ts';

/** Prompts remembered; the oldest goes first. */
const MAX_PROMPTS = 16;

/**
 * Prompts behind which typing was seen to echo as predicted. Behind such a prompt, in the same mode, the next line is
 * believed to echo from its first key.
 */
export class KnownPrompts {
  readonly #known = new Set<string>();

  learn(prompt: string, mode: TerminalMode | null): void {
    const entry = nameOf(prompt, mode);
    if (entry === null) return;
    this.#known.delete(entry);
    this.#known.add(entry);
    for (const oldest of this.#known) if (this.#known.size > MAX_PROMPTS) this.#known.delete(oldest);
  }

  /** What it was learnt from has turned out otherwise. */
  unlearn(prompt: string, mode: TerminalMode | null): void {
    const entry = nameOf(prompt, mode);
    if (entry !== null) this.#known.delete(entry);
  }

  has(prompt: string, mode: TerminalMode | null): boolean {
    const entry = nameOf(prompt, mode);
    return entry !== null && this.#known.has(entry);
  }
}

/** Null: not enough to know it by. A blank prompt may be anybody's, and without the mode it may ask for a password. */
function nameOf(prompt: string, mode: TerminalMode | null): string | null {
  if (prompt.trim() === '' || mode === null) return null;
  return `${mode.canonical ? 'c' : '-'}${mode.echo ? 'e' : '-'}${prompt}`;
}
