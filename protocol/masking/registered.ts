/** Shortest and longest secret that can be registered: a shorter one would be found in ordinary text. */
export const MIN_SECRET_CHARS = 6;
export const MAX_SECRET_CHARS = 8_192;
/** Secrets registered at once; every text is searched for each. */
export const MAX_REGISTERED_SECRETS = 256;
/** An encoded form shorter than this says nothing. */
const MIN_FORM_CHARS = 8;

const encoder = new TextEncoder();

/** Secrets known at run time, in the forms they may be written in. */
export class RegisteredSecrets {
  readonly #forms = new Map<string, { kind: string; forms: string[] }>();

  /**
   * From now on it is found wherever it is written. `kind` is the hint that is left of it: lower case and dashes. Registered
   * again, it has the new kind. Throws RangeError when it is too short or too long, or there are too many.
   */
  register(secret: string, kind = 'secret'): void {
    if (!/^[a-z][a-z-]{0,39}$/.test(kind)) throw new RangeError('kind: lower-case letters and dashes');
    if (secret.length < MIN_SECRET_CHARS || secret.length > MAX_SECRET_CHARS)
      throw new RangeError(`a secret has ${MIN_SECRET_CHARS} to ${MAX_SECRET_CHARS} characters`);
    if (!this.#forms.has(secret) && this.#forms.size >= MAX_REGISTERED_SECRETS)
      throw new RangeError(`at most ${MAX_REGISTERED_SECRETS} secrets; forget one first`);
    this.#forms.set(secret, { kind, forms: formsOf(secret) });
  }

  /** It is a secret no more. */
  forget(secret: string): void {
    this.#forms.delete(secret);
  }

  /** Where the text holds one, in whatever form; places may overlap. */
  find(text: string): { kind: string; from: number; end: number }[] {
    const found = [];
    for (const { kind, forms } of this.#forms.values()) {
      for (const form of forms) {
        for (let at = text.indexOf(form); at !== -1; at = text.indexOf(form, at + 1))
          found.push({ kind, from: at, end: at + form.length });
      }
    }
    return found;
  }
}

/** As it is, in a URL, in JSON, in hex, and within base64 that began anywhere before it. */
function formsOf(secret: string): string[] {
  const wellFormed = secret.toWellFormed();
  const bytes = encoder.encode(wellFormed);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const escaped = encodeURIComponent(wellFormed);
  const base64 = [0, 1, 2].map((shift) => base64Within(bytes, shift));
  const encoded = [
    ...[escaped, escaped.replace(/%[0-9A-F]{2}/g, (octet) => octet.toLowerCase())],
    ...[JSON.stringify(secret).slice(1, -1), hex, hex.toUpperCase(), ...base64],
    ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
  ].filter((form) => form.length >= MIN_FORM_CHARS);
  return [...new Set([secret, ...encoded])];
}

/** The characters that some bytes alone decide, when `shift` bytes are before them in a group of three. */
function base64Within(bytes: Uint8Array, shift: number): string {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  const first = Math.ceil((shift * 8) / 6);
  const last = Math.floor(((shift + bytes.length) * 8) / 6);
  return btoa('\0'.repeat(shift) + binary).slice(first, last);
}
