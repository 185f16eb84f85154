import { env, runInDurableObject } from 'cloudflare:test';
import { expect, it } from 'vitest';
import type { Env } from '../shared/env.ts';
import { randomId } from '../shared/ids.ts';
import { NameNews } from './name-news.ts';
import { Profile } from './profile.ts';
import { WorkspaceList } from './workspace-list.ts';

/** Workspaces that take a name only when they are let. */
function workspaces() {
  const state = { reachable: false, told: [] as string[], onTold: (): void => undefined };
  const get = (id: string) => ({
    named: async (_userId: string, name: string): Promise<void> => {
      await Promise.resolve();
      if (!state.reachable) throw new Error('unreachable');
      state.told.push(`${id} ${name}`);
      state.onTold();
    },
  });
  const played = { WORKSPACES: { idFromName: (id: string) => id, get } } as unknown as Env;
  return { state, played };
}

it('tells every workspace until it was told, the newest name last, also after a restart', () =>
  runInDurableObject(env.USERS.get(env.USERS.idFromName(randomId(12))), async (_user, { storage }) => {
    const { state, played } = workspaces();
    const [sql, list] = [storage.sql, new WorkspaceList(storage.sql)];
    list.put({ id: 'w_team', name: 'Team', kind: 'team', role: 'member', createdAtMs: 1 });
    const open = () => {
      const profile = new Profile(sql);
      const news = new NameNews({ sql, env: played, userId: () => 'ada', profile, workspaces: list });
      return { profile, news };
    };
    const first = open();
    expect(first.news.dueMs()).toBeNull();
    first.profile.choose('Ada');
    first.news.put();
    await first.news.run(1_000);
    expect(first.news.dueMs()).toBeGreaterThan(1_000);

    const { profile, news } = open();
    state.reachable = true;
    // Renamed while the first is on its way.
    state.onTold = () => {
      if (profile.current.chosenName === 'Countess') return;
      profile.choose('Countess');
      news.put();
    };
    await news.run(2_000);
    expect(news.dueMs()).toBeNull();
    for (const id of ['ada', 'w_team'])
      expect(state.told.findLast((each) => each.startsWith(`${id} `))).toBe(`${id} Countess`);
  }));
