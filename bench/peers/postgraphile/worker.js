// PostGraphile over the gateway's tables, configured as in its documentation: the Amber preset, and its most common
// plugin for filters. It has no authentication.

import { createServer } from 'node:http';
import { postgraphile } from 'postgraphile';
import { makePgService } from 'postgraphile/adaptors/pg';
import { grafserv } from 'postgraphile/grafserv/node';
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber';
import { PostGraphileConnectionFilterPreset } from 'postgraphile-plugin-connection-filter';

const preset = {
  extends: [PostGraphileAmberPreset, PostGraphileConnectionFilterPreset],
  // The plugin hides columns without an index that starts with them. The gateway's indexes start with the workspace.
  disablePlugins: ['PgIndexBehaviorsPlugin'],
  pgServices: [makePgService({
    connectionString: process.env.DATABASE_URL,
    schemas: ['public'],
    poolConfig: { max: Number(process.env.DATABASE_CONNECTIONS ?? 8) },
  })],
  grafast: { explain: false },
  grafserv: { graphiql: false, watch: false, maxRequestLength: 1_000_000 },
};
const server = createServer();
server.on('error', (error) => {
  console.error(error);
  process.exit(1);
});
await postgraphile(preset).createServ(grafserv).addTo(server);
server.listen(Number(process.env.PORT), '127.0.0.1');
