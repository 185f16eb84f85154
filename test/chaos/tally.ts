/** What happened in a run, counted. */
export class Tally {
  rounds = 0;
  inputBytes = 0;
  outputBytes = 0;
  connections = 0;
  terminalsEnded = 0;
  terminalsLost = 0;
  readonly faults = new Map<string, number>();
  resizes = 0;
  /** `atRest`: what all clients show, compared with the server's screen when nothing moves. */
  readonly screens = { asked: 0, afterLag: 0, compared: 0, atRest: 0 };

  fault(kind: string): void {
    this.faults.set(kind, (this.faults.get(kind) ?? 0) + 1);
  }

  screen({ asked, checked }: { asked: boolean; checked: boolean }): void {
    this.screens[asked ? 'asked' : 'afterLag'] += 1;
    if (checked) this.screens.compared += 1;
  }
}
