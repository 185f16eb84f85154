import { Api, type TerminalSink } from '../../client/index.ts';
import { connectSession } from '../full-path.ts';
import { childEnvironment, untilStopped } from './child.ts';

/** So many more viewers of one terminal: `crowd.ts SESSION CHANNEL COUNT`. */
const { url, token, args } = childEnvironment();
const [sessionId = '', channel, count] = args;
const api = new Api(url, token);

for (let viewer = 0; viewer < Number(count); viewer += 1) {
  const client = await connectSession(api, sessionId);
  const attached = Promise.withResolvers<undefined>();
  const sink: TerminalSink = {
    output(_bytes, consumed) {
      attached.resolve(undefined);
      consumed();
    },
    screen(_screen, consumed) {
      attached.resolve(undefined);
      consumed();
    },
  };
  client.attach(Number(channel), sink, 0);
  await attached.promise;
}
console.log('ready');
await untilStopped();
process.exit(0);
