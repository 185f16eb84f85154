import type { TerminalMode } from '../../protocol/messages/session.ts';
import { KnownPrompts } from './known-prompts.ts';
import { type Run, Trust } from './run.ts';

/** After predictions that were shown and wrong, so many more keys have to echo before the next are shown. */
const MAX_STRIKES = 4;
/** Keys echoed in one run that take one such mistake back. */
const CREDITS_PER_STRIKE = 8;

/** Whether the predictions of a run are believed: by what it echoed itself, and by what others did before it. */
export class Confidence {
  readonly #prompts = new KnownPrompts();
  #strikes = 0;

  /** Trust in a run that has not echoed yet. */
  initial({ prompt }: Run, alternate: boolean, mode: TerminalMode | null): Trust {
    if (prompt === null || alternate || this.#strikes > 0) return Trust.None;
    return this.#prompts.has(prompt, mode) ? Trust.Text : Trust.None;
  }

  /** `count` keys of the run were confirmed, which proves so much. True: its prompt is one behind which typing echoes. */
  confirmed(run: Run, proof: Trust, count: number, alternate: boolean, mode: TerminalMode | null): boolean {
    if (proof === Trust.None) return false;
    run.credits += count;
    if (run.credits <= this.#strikes) return false;
    if (proof > run.trust) run.trust = proof;
    if (run.credits >= CREDITS_PER_STRIKE && this.#strikes > 0) {
      this.#strikes -= 1;
      run.credits = 0;
    }
    if (proof !== Trust.Text || alternate || run.prompt === null || run.prompt.trim() === '') return false;
    this.#prompts.learn(run.prompt, mode);
    return true;
  }

  /** Predictions of the run were shown and wrong. */
  mistaken({ prompt }: Run, mode: TerminalMode | null): void {
    this.#strikes = Math.min(this.#strikes + 1, MAX_STRIKES);
    if (prompt !== null) this.#prompts.unlearn(prompt, mode);
  }
}
