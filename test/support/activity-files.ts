import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Files, filesOf } from './bill.ts';
import { daybook, type Ran, type RunOptions } from './cli.ts';
import { mariadbServer, needsMariadb } from './mariadb-server.ts';
import { needsPostgres, postgresServer } from './postgres-server.ts';
