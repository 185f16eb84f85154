import { describe, expect, it } from 'vitest';
import { ExitCode } from './errors.ts';
import { resolveSession } from './resolve.ts';

const sessions = [
  { id: 'AAAAbbbbccccddddeeeeff', name: 'build' },
  { id: 'AAAAxxxxccccddddeeeeff', name: 'web' },
  { id: 'BBBBbbbbccccddddeeeeff', name: 'AAAAb' },
  { id: 'CCCCbbbbccccddddeeeeff', name: 'twin' },
  { id: 'DDDDbbbbccccddddeeeeff', name: 'twin' },
];

describe('resolveSession', () => {
  it('takes an id, a name or a prefix of an id', () => {
    expect(resolveSession(sessions, 'CCCCbbbbccccddddeeeeff').id).toBe('CCCCbbbbccccddddeeeeff');
    expect(resolveSession(sessions, 'web').id).toBe('AAAAxxxxccccddddeeeeff');
    expect(resolveSession(sessions, 'BBBB').id).toBe('BBBBbbbbccccddddeeeeff');
  });

  it('prefers a name to a prefix', () => {
    expect(resolveSession(sessions, 'AAAAb').id).toBe('BBBBbbbbccccddddeeeeff');
  });

  it.each([
    ['nothing', ExitCode.NotFound],
    ['B', ExitCode.NotFound],
    ['AAAA', ExitCode.Error],
    ['twin', ExitCode.Error],
  ])('refuses %j', (wanted, exitCode) => {
    expect(() => resolveSession(sessions, wanted)).toThrow(expect.objectContaining({ exitCode }) as Error);
  });
});
