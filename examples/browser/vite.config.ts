import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  // Any folder of any static host will do.
  base: './',
  plugins: [react()],
  // The page is written for React and shipped with Preact, which does the same in a tenth of the bytes.
  resolve: {
    alias: {
      'react/jsx-runtime': 'preact/jsx-runtime',
      'react-dom/client': 'preact/compat/client',
      'react-dom': 'preact/compat',
      react: 'preact/compat',
    },
  },
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    rollupOptions: { input: ['index.html', 'sdk.html'] },
  },
});
