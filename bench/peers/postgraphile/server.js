// Installs the functions in the database and starts a process for each core. Exits when one of them exits.

import cluster from 'node:cluster';
import { readFile } from 'node:fs/promises';

const processes = Number(process.env.PROCESSES ?? 1);

if (cluster.isPrimary && processes > 1) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  await client.query(await readFile(new URL('functions.sql', import.meta.url), 'utf8'));
  await client.end();
  for (let number = 0; number < processes; number += 1) cluster.fork();
  cluster.on('exit', () => process.exit(1));
} else {
  process.on('disconnect', () => process.exit());
  await import('./worker.js');
}
