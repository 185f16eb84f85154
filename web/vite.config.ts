import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { firstLoadProblems } from '../scripts/first-load.ts';

/** Builds to dist/web. `ALEX_URL=http://127.0.0.1:8787 npx vite web` serves the page against a running edge. */
const edge = process.env['ALEX_URL'] ?? 'http://127.0.0.1:8787';

/** Fails the build when the first page waits for more than it should. */
const lightFirstLoad: Plugin = {
  name: 'light-first-load',
  apply: 'build',
  generateBundle(_, bundle) {
    const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
    const problems = firstLoadProblems(chunks);
    if (problems.length > 0) this.error(problems.join('\n'));
  },
};

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), lightFirstLoad],
  build: { outDir: '../dist/web', emptyOutDir: true, target: 'es2022', chunkSizeWarningLimit: 1000 },
  // The edge compares Origin with Host, so both are to name the page.
  server: {
    host: '127.0.0.1',
    proxy: {
      '/api': { target: edge, changeOrigin: false },
      '/ws': { target: edge, changeOrigin: false, ws: true },
    },
  },
});
