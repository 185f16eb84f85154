import { z } from 'zod';
import { openNodeSocket } from '../../client/node-socket.ts';
import { SUBPROTOCOL, TICKET_SUBPROTOCOL_PREFIX } from '../../protocol/close-codes.ts';

const Ticket = z.object({ url: z.string(), ticket: z.string() });

/** Opens the socket that a ticket's answer is for, and closes it. Rejects when the edge does not let it in. */
export function spendTicket(answer: string): Promise<void> {
  const { url, ticket } = Ticket.parse(JSON.parse(answer));
  return new Promise((resolve, reject) => {
    const socket = openNodeSocket(url, [SUBPROTOCOL, TICKET_SUBPROTOCOL_PREFIX + ticket], {
      opened: () => {
        resolve();
        socket.close(1000, '');
      },
      text: () => undefined,
      bytes: () => undefined,
      closed: (code) => reject(new Error(`A ticket's socket was closed with ${code}.`)),
    });
  });
}
