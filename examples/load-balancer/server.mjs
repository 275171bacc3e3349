// A web server that answers with its name:  server.mjs NAME PORT
import http from 'node:http';
import { net } from './net.mjs';

const [, , name, port] = process.argv;
const web = http.createServer((_request, response) => response.end(`${name}\n`));
net.createServer((socket) => web.emit('connection', socket)).listen(Number(port), '0.0.0.0');
