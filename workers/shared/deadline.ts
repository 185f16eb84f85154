/**
 * What `promise` comes to. Rejects when that takes longer than `timeoutMs`, with what `error` makes; what comes later is
 * not heard.
 */
export async function withDeadline<T>(
  promise: Promise<T>,
  timeoutMs: number,
  error = () => new Error(`no answer within ${timeoutMs} ms`),
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(error()), timeoutMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
