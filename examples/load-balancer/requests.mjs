// Asks a web server so many times, a connection each, and counts who answered:  requests.mjs HOST PORT TIMES
import http from 'node:http';
import { net } from './net.mjs';

const [, , host, port, times] = process.argv;
const counts = new Map();
for (let i = 0; i < Number(times); i++) {
  const name = await new Promise((resolve) => {
    const createConnection = () => net.connect(Number(port), host);
    const request = http.get({ host, path: '/', createConnection, headers: { connection: 'close' } }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve(text.trim()));
    });
    request.on('error', (error) => resolve(error.code));
  });
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
for (const [name, count] of [...counts].sort()) console.log(`${name} ${count}`);
