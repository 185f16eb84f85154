import { describe, expect, it } from 'vitest';
import { ModeTracker } from './modes.ts';

const encoder = new TextEncoder();

function restored(...chunks: string[]): string {
  const tracker = new ModeTracker();
  for (const chunk of chunks) tracker.observe(encoder.encode(chunk));
  return tracker.restore();
}

describe('ModeTracker', () => {
  it('turns off what was turned on, and on what was turned off', () => {
    const sequence = restored('\x1b[?1049h\x1b[?1000;1006h\x1b[?25l');
    for (const part of ['\x1b[?1049l', '\x1b[?1000l', '\x1b[?1006l', '\x1b[?25h'])
      expect(sequence).toContain(part);
  });

  it('leaves alone what the program put back itself', () => {
    const sequence = restored('\x1b[?1049h\x1b[?25l', 'text', '\x1b[?25h\x1b[?1049l');
    expect(sequence).not.toContain('\x1b[?1049l');
    expect(sequence).not.toContain('\x1b[?25h');
  });

  it('finds sequences cut by a chunk border', () => {
    const whole = '\x1b[?2004;1049h';
    for (let cut = 1; cut < whole.length; cut += 1) {
      expect(restored(`x${whole.slice(0, cut)}`, whole.slice(cut))).toContain('\x1b[?1049l');
    }
  });

  it('resets once', () => {
    const tracker = new ModeTracker();
    tracker.observe(encoder.encode('\x1b[?1049h'));
    tracker.restore();
    expect(tracker.restore()).not.toContain('1049');
  });
});
