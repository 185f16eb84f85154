import { env } from 'cloudflare:test';
import { z } from 'zod';
import { Workspace, type WorkspaceRole } from '../../protocol/messages/workspace.ts';
import type { Identity } from '../shared/rpc.ts';
import { ask, newUser, tokenFor, type Ask } from './api.ts';

/** Somebody in tests: who they are, and their token. */
export interface Person {
  who: Identity;
  token: string;
}

export async function newPerson(displayName = 'Test user'): Promise<Person> {
  const who = { ...newUser(), displayName };
  return { who, token: await tokenFor(who) };
}

/** A team's workspace with an owner, and whoever is taken in. */
export class PlayedTeam {
  readonly id: string;
  readonly owner: Person;

  constructor(id: string, owner: Person) {
    this.id = id;
    this.owner = owner;
  }

  static async create(name = 'Team'): Promise<PlayedTeam> {
    const owner = await newPerson('Owner');
    const answer = await ask('/api/v1/workspaces', { method: 'POST', token: owner.token, body: { name } });
    return new PlayedTeam(Workspace.parse(await answer.json()).id, owner);
  }

  get actor() {
    return env.WORKSPACES.get(env.WORKSPACES.idFromName(this.id));
  }

  /** Takes somebody in, by an invitation. */
  async join(role: WorkspaceRole, displayName = 'Test user'): Promise<Person> {
    const person = await newPerson(displayName);
    await this.takeIn(person, role);
    return person;
  }

  async takeIn(person: Person, role: WorkspaceRole): Promise<void> {
    const asked = role === 'owner' ? 'admin' : role;
    const made = await this.ask('POST', '/invitations', { body: { role: asked } });
    const { token } = z.object({ token: z.string() }).parse(await made.json());
    const body = { token };
    const joined = await ask('/api/v1/invitations/accept', { method: 'POST', token: person.token, body });
    if (joined.status !== 200) throw new Error(`not taken in: ${joined.status}`);
    if (role === 'owner') await this.ask('PUT', `/members/${person.who.userId}`, { body: { role } });
  }

  /** Asks about the workspace, as its owner unless told otherwise. */
  ask(method: string, path: string, more: Ask = {}): Promise<Response> {
    return ask(`/api/v1/workspaces/${this.id}${path}`, { method, token: this.owner.token, ...more });
  }

  /** Asks anything, with this as the current workspace. */
  within(path: string, person: Person, more: Ask = {}): Promise<Response> {
    return ask(path, { token: person.token, headers: { 'alex-workspace': this.id }, ...more });
  }

  async newSession(person: Person, name = 'test'): Promise<string> {
    const answer = await this.within('/api/v1/sessions', person, { method: 'POST', body: { name } });
    if (answer.status !== 201) throw new Error(`no session: ${answer.status}`);
    return z.object({ id: z.string() }).parse(await answer.json()).id;
  }
}
