import { expect, it } from 'vitest';
import { MAX_UNREAD_BYTES, RECEIPT_EVERY_BYTES } from './limits.ts';
import { UnreadMessages } from './unread-messages.ts';

it('asks for a receipt now and then, and gives up one that owes too much', () => {
  const unread = new UnreadMessages();
  const outcomes = [];
  for (let sent = 0; sent <= MAX_UNREAD_BYTES; sent += 1024) outcomes.push(unread.send(1024));
  expect(outcomes.filter((outcome) => outcome === 'ask').length).toBe(MAX_UNREAD_BYTES / RECEIPT_EVERY_BYTES);
  expect(outcomes.filter((outcome) => outcome === 'give-up').length).toBe(1);
  expect(outcomes.at(-1)).toBe('give-up');
});

it('goes on for ever with one that reads, also across a sleep', () => {
  let unread = new UnreadMessages();
  for (let sent = 0; sent < 10 * MAX_UNREAD_BYTES; sent += 1024) {
    const outcome = unread.send(1024);
    expect(outcome).not.toBe('give-up');
    if (outcome === 'ask') unread.receipt(unread.sent);
    if (sent % (100 * 1024) === 0) unread = new UnreadMessages(unread.sent, unread.read);
  }
});

it('does not believe a receipt for what was never sent', () => {
  const unread = new UnreadMessages();
  unread.send(100);
  unread.receipt(1_000_000);
  expect(unread.read).toBe(0);
});
