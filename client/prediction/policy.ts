/** Whether predictions are shown: never, when the connection is slow, or whenever there is confidence. */
export type PredictionSetting = 'off' | 'auto' | 'always';
export const PREDICTION_SETTINGS = ['off', 'auto', 'always'] as const satisfies readonly PredictionSetting[];

/** With `auto` predictions begin above the one smoothed round trip and end below the other. */
const SHOW_ABOVE_MS = 30;
const HIDE_BELOW_MS = 20;
/** The same for underlining, which says: not confirmed yet. */
const UNDERLINE_ABOVE_MS = 80;
const UNDERLINE_BELOW_MS = 50;
/** A single key that is late by so much is shown underlined, however fast the others were... */
const LATE_MS = UNDERLINE_ABOVE_MS;
/** ...and shown at all although the connection was fast so far. */
const HITCH_MS = 150;

/** Decides by latency whether predictions are worth showing, and whether they are marked as such. */
export class LatencyPolicy {
  setting: PredictionSetting;
  #slow = false;
  #underline = false;

  constructor(setting: PredictionSetting) {
    this.setting = setting;
  }

  /** The smoothed round trip as now known. */
  measured(roundTripMs: number | null): void {
    if (roundTripMs === null) return;
    if (roundTripMs > SHOW_ABOVE_MS) this.#slow = true;
    else if (roundTripMs < HIDE_BELOW_MS) this.#slow = false;
    if (roundTripMs > UNDERLINE_ABOVE_MS) this.#underline = true;
    else if (roundTripMs < UNDERLINE_BELOW_MS) this.#underline = false;
  }

  /** `waitedMs`: how long the oldest unconfirmed key has waited. */
  shows(waitedMs: number): boolean {
    if (this.setting !== 'auto') return this.setting === 'always';
    return this.#slow || waitedMs >= HITCH_MS;
  }

  underlines(waitedMs: number): boolean {
    return this.#underline || waitedMs >= LATE_MS;
  }

  /** Waiting times at which an answer may change. */
  readonly turningPointsMs = [LATE_MS, HITCH_MS] as const;
}
