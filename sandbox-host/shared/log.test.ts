import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const PROGRAM = `
  import { createLogger, masker } from '${join(import.meta.dirname, 'log.ts')}';
  masker.secrets.register('registered secret', 'own');
  const log = createLogger('test').child({ Authorization: 'Bearer abc' });
  log.warn({ err: new Error('failed with registered secret'), token: 'with "quotes" \\\\ in it', n: 1 }, 'see http://a:b@c/');
`;

it('masks secrets in every part of a line, errors and bound members among them, and keeps it JSON', () => {
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', PROGRAM], {
    encoding: 'utf8',
  });
  const { err, ...line } = JSON.parse(stderr);
  expect(line).toMatchObject({
    ...{ Authorization: 'Bearer [masked:authorization]', token: '[masked:secret]', n: 1 },
    msg: 'see http://[masked:url-credentials]@c/',
  });
  expect(err.message).toBe('failed with [masked:own]');
  expect(err.stack).toContain('failed with [masked:own]');
});
