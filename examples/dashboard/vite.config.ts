import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const server = process.env.TWINERGY_SERVER ?? 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [react()],
  build: { target: 'es2022' },
  // While working on the dashboard, the API comes from a server that runs beside it.
  server: { proxy: { '/api': { target: server, ws: true }, '/openapi.json': server } },
});
