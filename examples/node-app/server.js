const express = require('express');

const app = express();
const port = process.env.PORT || 3000;
const greeting = 'Hello from version 1';

app.get('/', (request, response) => {
  response.send(`<!doctype html><title>my-app</title><h1>${greeting}</h1>\n`);
});

const server = app.listen(port, '127.0.0.1', () => {
  console.log(`my-app listens on http://127.0.0.1:${server.address().port}/`);
});

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => server.close(() => process.exit(0)));
}
