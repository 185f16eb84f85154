import type { Terminal } from '@xterm/xterm';

/**
 * Adds to a terminal on the page what its first prompt does not wait for: drawing by WebGL, links to click on, and
 * programs that copy (OSC 52). `isGone`: the terminal was disposed meanwhile.
 */
export async function loadLateAddons(terminal: Terminal, isGone: () => boolean): Promise<void> {
  await Promise.all([drawByWebGl(terminal, isGone), addConveniences(terminal, isGone)]);
}

async function addConveniences(terminal: Terminal, isGone: () => boolean): Promise<void> {
  const [{ WebLinksAddon }, { ClipboardAddon }] = await Promise.all([
    import('@xterm/addon-web-links'),
    import('@xterm/addon-clipboard'),
  ]);
  if (isGone()) return;
  terminal.loadAddon(new WebLinksAddon());
  terminal.loadAddon(new ClipboardAddon());
}

/** Draws by WebGL where the browser can; xterm's own drawing otherwise, and on phones, whose graphics memory is scarce. */
async function drawByWebGl(terminal: Terminal, isGone: () => boolean): Promise<void> {
  if (matchMedia('(pointer: coarse)').matches) return;
  const { WebglAddon } = await import('@xterm/addon-webgl');
  if (isGone()) return;
  try {
    const addon = new WebglAddon();
    addon.onContextLoss(() => addon.dispose());
    terminal.loadAddon(addon);
  } catch {
    // No WebGL 2 here.
  }
}
