const express = require('express');
const _ = require('lodash');

const app = express();
app.get('/health', (req, res) => res.send('ok\n'));
app.get('/', (req, res) => res.send(_.capitalize('hello') + '\n'));
const server = app.listen(8000, '0.0.0.0');
process.on('SIGTERM', () => server.close(() => process.exit(0)));
