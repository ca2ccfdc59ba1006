import { cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

// The icons of @grafana/ui are files that its components fetch by path.
const icons = {
  name: 'grafana-icons',
  closeBundle() {
    cpSync(here('node_modules/@grafana/ui/dist/public/img'), here('dist/public/build/img'), { recursive: true });
  },
};

export default defineConfig({
  plugins: [react(), icons],
  resolve: { alias: { 'react-router-dom-v5-compat': 'react-router-dom' } },
  define: { 'process.env.NODE_ENV': '"production"', 'process.env': '{}' },
  build: { chunkSizeWarningLimit: 8000, reportCompressedSize: false },
  logLevel: 'warn',
});
