/**
 * The forms of secrets that are known by how they begin. Every search is linear in the text: a beginning is a literal,
 * what follows is one run of characters, and the search goes on behind whatever was looked at.
 */

/** Where a search for one kind of secret found it, or where to go on looking. */
export type Match = { end: number; from: number } | { goOn: number };

/** A kind of secret: how it begins, and how much of the text from there on is secret. */
export interface Format {
  kind: string;
  prefix: string;
  /** `at`: where the prefix is. */
  match(text: string, at: number): Match;
}

interface Run {
  kind: string;
  prefixes: string[];
  /** Characters of the body, as in a regular expression's brackets. */
  body: string;
  /** Fewest characters of the body. */
  min: number;
  /** The prefix is short or a word: a letter or digit before it means that it is something else. */
  wordStart?: boolean;
}

const ALNUM = 'A-Za-z0-9';
const URL_SAFE = 'A-Za-z0-9_-';
const DOTTED = 'A-Za-z0-9_.-';

const RUNS: Run[] = [
  { kind: 'aws-access-key', prefixes: ['AKIA', 'ASIA', 'ABIA', 'ACCA'], body: 'A-Z0-9', min: 16 },
  { kind: 'google-api-key', prefixes: ['AIza'], body: URL_SAFE, min: 35 },
  { kind: 'google-oauth-secret', prefixes: ['GOCSPX-'], body: URL_SAFE, min: 20 },
  { kind: 'google-oauth-token', prefixes: ['ya29.'], body: DOTTED, min: 20 },
  { kind: 'github-token', prefixes: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], body: ALNUM, min: 30 },
  { kind: 'github-token', prefixes: ['github_pat_'], body: `${ALNUM}_`, min: 30 },
  {
    ...{ kind: 'gitlab-token', body: DOTTED, min: 20 },
    prefixes: ['glpat-', 'gldt-', 'glrt-', 'glcbt-', 'glptt-', 'glft-', 'glsoat-', 'glimt-', 'glagent-'],
  },
  {
    ...{ kind: 'slack-token', body: `${ALNUM}-`, min: 10 },
    prefixes: ['xoxb-', 'xoxp-', 'xoxa-', 'xoxo-', 'xoxr-', 'xoxs-', 'xoxe-', 'xoxe.xox', 'xapp-'],
  },
  { kind: 'slack-webhook', prefixes: ['hooks.slack.com/services/'], body: `${ALNUM}/`, min: 20 },
  { kind: 'stripe-key', prefixes: ['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_'], body: ALNUM, min: 16 },
  { kind: 'webhook-secret', prefixes: ['whsec_'], body: `${ALNUM}+/=`, min: 16 },
  { kind: 'anthropic-key', prefixes: ['sk-ant-'], body: URL_SAFE, min: 20 },
  { kind: 'openai-key', prefixes: ['sk-proj-', 'sk-svcacct-', 'sk-admin-'], body: URL_SAFE, min: 20 },
  { kind: 'openai-key', prefixes: ['sk-'], body: ALNUM, min: 32, wordStart: true },
  { kind: 'npm-token', prefixes: ['npm_'], body: ALNUM, min: 36, wordStart: true },
  { kind: 'pypi-token', prefixes: ['pypi-AgE'], body: URL_SAFE, min: 32 },
  { kind: 'docker-token', prefixes: ['dckr_pat_', 'dckr_oat_'], body: URL_SAFE, min: 20 },
  { kind: 'hugging-face-token', prefixes: ['hf_'], body: ALNUM, min: 30, wordStart: true },
  { kind: 'digitalocean-token', prefixes: ['dop_v1_', 'doo_v1_', 'dor_v1_'], body: 'a-f0-9', min: 40 },
  { kind: 'sendgrid-key', prefixes: ['SG.'], body: DOTTED, min: 40, wordStart: true },
  { kind: 'shopify-token', prefixes: ['shpat_', 'shpca_', 'shppa_', 'shpss_'], body: 'A-Fa-f0-9', min: 32 },
  { kind: 'vault-token', prefixes: ['hvs.', 'hvb.'], body: URL_SAFE, min: 20, wordStart: true },
  { kind: 'tailscale-key', prefixes: ['tskey-'], body: `${ALNUM}-`, min: 20 },
  { kind: 'age-key', prefixes: ['AGE-SECRET-KEY-1'], body: 'A-Z0-9', min: 40 },
  { kind: 'alex-ticket', prefixes: ['alex.ticket.'], body: URL_SAFE, min: 20 },
  { kind: 'alex-refresh-token', prefixes: ['alexr.'], body: DOTTED, min: 60 },
];

/** All formats. The first of two that begin alike is the more telling one. */
export const FORMATS: readonly Format[] = [
  ...RUNS.flatMap(runFormats),
  { kind: 'alex-key', prefix: 'alex_', match: matchAlexKey },
  { kind: 'jwt', prefix: 'eyJ', match: matchJwt },
  { kind: 'private-key', prefix: '-----BEGIN ', match: matchPrivateKey },
  { kind: 'url-credentials', prefix: '://', match: matchUrlCredentials },
];

function runFormats({ kind, prefixes, body, min, wordStart }: Run): Format[] {
  const run = new RegExp(`[${body}]+`, 'y');
  return prefixes.map((prefix) => ({
    kind,
    prefix,
    match(text, at) {
      const start = at + prefix.length;
      const end = endOfRun(run, text, start);
      // A run that is too short is short: to look at some of it again costs no more than so much.
      if (end - start < min || (wordStart === true && isWord(text[at - 1]))) return { goOn: start };
      return { from: at, end };
    },
  }));
}

const ALEX_KEY = /alex_[0-9A-Za-z]{16}_[0-9A-Za-z]{30,}/y;

/** Id and secret; names of metrics begin the same. */
function matchAlexKey(text: string, at: number): Match {
  const end = endOfRun(ALEX_KEY, text, at);
  return end === at ? { goOn: at + 1 } : { from: at, end };
}

const SEGMENT = /[A-Za-z0-9_-]+/y;

/** Three segments with dots between, the first of which is JSON in base64. */
function matchJwt(text: string, at: number): Match {
  const first = endOfRun(SEGMENT, text, at);
  // A later beginning in this segment would fail for the same reason.
  if (text[first] !== '.') return { goOn: first };
  const second = endOfRun(SEGMENT, text, first + 1);
  if (second === first + 1 || text[second] !== '.') return { goOn: first };
  return { from: at, end: endOfRun(SEGMENT, text, second + 1) };
}

const PRIVATE_KEY = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/y;
const KEY_BODY = /(?:[^"-]|-(?!----END )){0,16384}/y;
const END_OF_KEY = /-----END [A-Z0-9 ]{0,60}-----/y;

/** To the end of the key; without one, to the end of the text or of what is quoted. */
function matchPrivateKey(text: string, at: number): Match {
  const body = endOfRun(PRIVATE_KEY, text, at);
  if (body === at) return { goOn: at + 1 };
  return { from: at, end: endOfRun(END_OF_KEY, text, endOfRun(KEY_BODY, text, body)) };
}

const USER_INFO = /[^\s/?#@'"<>\\]+/y;
/** A name alone is told from a token alone by its length. */
const MIN_TOKEN_CHARS = 20;

/** What is before the `@` of a URL, when there is a password in it or it is long. */
function matchUrlCredentials(text: string, at: number): Match {
  const from = at + 3;
  const end = endOfRun(USER_INFO, text, from);
  if (text[end] !== '@') return { goOn: Math.max(from, end) };
  const hasPassword = text.slice(from, end).includes(':');
  return hasPassword || end - from >= MIN_TOKEN_CHARS ? { from, end } : { goOn: end };
}

function endOfRun(run: RegExp, text: string, at: number): number {
  run.lastIndex = at;
  return run.test(text) ? run.lastIndex : at;
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && /[A-Za-z0-9]/.test(character);
}
