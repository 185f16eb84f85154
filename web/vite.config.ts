import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Builds to dist/web. `ALEX_URL=http://127.0.0.1:8787 npx vite web` serves the page against a running edge. */
const edge = process.env['ALEX_URL'] ?? 'http://127.0.0.1:8787';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
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
