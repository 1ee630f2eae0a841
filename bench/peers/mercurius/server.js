// Starts a process for each core. Exits when one of them exits.

import cluster from 'node:cluster';

const processes = Number(process.env.PROCESSES ?? 1);

if (cluster.isPrimary && processes > 1) {
  for (let number = 0; number < processes; number += 1) cluster.fork();
  cluster.on('exit', () => process.exit(1));
} else {
  process.on('disconnect', () => process.exit());
  await import('./worker.js');
}
