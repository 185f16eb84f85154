import { z } from 'zod';
import { TerminalExit } from '../../protocol/messages/session.ts';
import { TerminalSpec } from './world.ts';

/** What the runner asks of a process of clients. */
export const Command = z.discriminatedUnion('do', [
  /** Connects to a session, as the same client as ever. */
  z.object({ do: z.literal('join'), session: z.string() }),
  z.object({ do: z.literal('open'), spec: TerminalSpec, typist: z.int().nullable() }),
  z.object({
    do: z.literal('attach'),
    spec: TerminalSpec,
    channel: z.int(),
    offset: z.int().nullable(),
    typist: z.int().nullable(),
    steadyFrom: z.int().nullable(),
  }),
  z.object({ do: z.literal('type'), terminal: z.string(), bytes: z.int() }),
  z.object({
    ...{ do: z.literal('resize'), terminal: z.string(), cols: z.int(), rows: z.int() },
    take: z.boolean(),
  }),
  /** The terminal's size is the same for all output from there on; null: it is about to change. */
  z.object({ do: z.literal('steady'), terminal: z.string(), from: z.int().nullable() }),
  /** Answered by `look`: what the client shows of a terminal. */
  z.object({ do: z.literal('look'), terminal: z.string(), id: z.int() }),
  z.object({ do: z.literal('leave'), terminal: z.string() }),
  /** The page is loaded anew; `goodbye`: it was told in time that it goes. */
  z.object({ do: z.literal('reload'), session: z.string(), goodbye: z.boolean() }),
  z.object({ do: z.literal('drop'), session: z.string() }),
  /** The laptop woke: look at the connections now. */
  z.object({ do: z.literal('wake') }),
  /** So long each piece of output takes to be consumed. */
  z.object({ do: z.literal('delay'), ms: z.int() }),
  /** Answered by `done`, once everything before it was done. */
  z.object({ do: z.literal('ask'), id: z.int() }),
]);
export type Command = z.infer<typeof Command>;

/** Where a client stands in one terminal. */
export const TerminalStatus = z.object({
  terminal: z.string(),
  /** Output up to here was received and was right. */
  received: z.int(),
  pendingInputBytes: z.int(),
  cols: z.int(),
  rows: z.int(),
  exit: TerminalExit.nullable(),
});
export type TerminalStatus = z.infer<typeof TerminalStatus>;

/** What a client shows of a terminal, and where it stands in the output. */
export const Look = z.object({
  offset: z.int(),
  cols: z.int(),
  rows: z.int(),
  lines: z.array(z.string()),
});
export type Look = z.infer<typeof Look>;

/** What a process of clients says. */
export const Report = z.discriminatedUnion('is', [
  z.object({ is: z.literal('ready') }),
  z.object({ is: z.literal('done'), id: z.int() }),
  z.object({ is: z.literal('look'), id: z.int(), look: Look }),
  z.object({ is: z.literal('status'), status: TerminalStatus, checkedBytes: z.int() }),
  z.object({ is: z.literal('opened'), terminal: z.string(), channel: z.int() }),
  z.object({ is: z.literal('refused'), what: z.string(), detail: z.string() }),
  z.object({ is: z.literal('welcome'), session: z.string(), stream: z.int() }),
  /** A screen came in place of `skippedBytes`; `asked`: as it had to, after an attachment without an offset. */
  z.object({
    is: z.literal('screen'),
    terminal: z.string(),
    asked: z.boolean(),
    checked: z.boolean(),
    skippedBytes: z.int(),
  }),
  z.object({
    is: z.literal('fault'),
    terminal: z.string(),
    fault: z.enum(['lost', 'duplicated', 'reordered', 'screen']),
    detail: z.string(),
  }),
  z.object({ is: z.literal('ended'), session: z.string(), reason: z.string() }),
]);
export type Report = z.infer<typeof Report>;
