// A typical handwritten GraphQL server: Fastify, Mercurius with compiled queries (jit) and batched loaders, and a
// connection pool with prepared statements. It has the measured part of the gateway's schema and no authentication.

import Fastify from 'fastify';
import mercurius from 'mercurius';
import pg from 'pg';
import { schema } from './schema.js';
import { loaders, resolvers } from './resolvers.js';

// Milliseconds since 1970, which a double represents exactly.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);
const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  max: Number(process.env.DATABASE_CONNECTIONS ?? 8),
});
const { rows: [workspace] } = await pool.query('SELECT id FROM workspace');

const app = Fastify();
app.register(mercurius, {
  schema,
  resolvers,
  loaders,
  jit: 1,
  context: () => ({ pool, workspace: workspace.id }),
});
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
