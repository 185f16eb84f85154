import type { Deletion, DeletionProgress } from '../../protocol/messages/deletion.ts';

/** How often it is asked how far a deletion is, and for how long. */
const ASK_EVERY_MS = 1_000;
const ASK_FOR_MS = 5 * 60_000;

/** What a deletion is at, in words. */
export function progressWords(progress: DeletionProgress): string {
  if (progress.state === 'done') return 'Done.';
  const { doing, sessionsLeft } = progress;
  if (doing !== 'sessions') return `Deleting the ${doing}…`;
  return `Deleting the sessions: ${sessionsLeft} left…`;
}

/** Waits until a deletion is done, telling how far it is. Gives up waiting, not deleting, after some minutes. */
export async function awaitDeletion(
  deletion: Deletion,
  ask: (deletion: Deletion) => Promise<DeletionProgress>,
  tell: (words: string) => void,
): Promise<void> {
  for (let waitedMs = 0; waitedMs < ASK_FOR_MS; waitedMs += ASK_EVERY_MS) {
    const progress = await ask(deletion);
    tell(progressWords(progress));
    if (progress.state === 'done') return;
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
}
