import { startMariadb } from '../../test/support/mariadb-server.ts';
import { startPostgres } from '../../test/support/postgres-server.ts';

/** Throw-away servers with users, and with what they completed; they end with this process. */
export interface ActivityServers {
  /** URL of PostgreSQL, with `users`. */
  readonly platform: string;
  /** URL of MariaDB, with `completions`. */
  readonly learning: string;
}

/** The last of 60 dates on which lessons were completed. */
export const LAST_DATE = '2026-03-01';

/**
 * Starts both and fills them; a key helps to find what somebody completed. Nine in ten users are active; the number of who completed something is the square of a
 * uniform random number, so that a tenth of the users has a third of it.
 */
export async function activityServers(
  users: number,
  completions: number,
): Promise<ActivityServers> {
  const [postgres, mariadb] = await Promise.all([
    startPostgres(['shared_buffers=256MB', 'max_wal_size=4GB']),
    startMariadb(['innodb-buffer-pool-size=2G', 'innodb-log-file-size=512M', 'skip-log-bin']),
  ]);
  const [platform, learning] = await Promise.all([
    postgres.database(`
      CREATE TABLE users (user_id int PRIMARY KEY, user_name varchar(100) NOT NULL,
        active_status varchar(20) NOT NULL);
      INSERT INTO users SELECT i, 'User ' || i, CASE WHEN i % 10 = 0 THEN 'inactive' ELSE 'active' END
        FROM generate_series(1, ${users}) AS i`),
    mariadb.database(`
      CREATE TABLE completions (completion_id int AUTO_INCREMENT PRIMARY KEY, user_id int NOT NULL,
        lesson_id int NOT NULL, completion_date date NOT NULL);
      INSERT INTO completions (user_id, lesson_id, completion_date)
        SELECT 1 + FLOOR(${users} * POW(RAND(1), 2)), 1 + FLOOR(RAND(2) * 500),
          DATE '${LAST_DATE}' - INTERVAL FLOOR(RAND(3) * 60) DAY FROM seq_1_to_${completions};
      CREATE INDEX of_user ON completions (user_id);
      ANALYZE TABLE completions`),
  ]);
  await postgres.run(platform, 'VACUUM ANALYZE users');
  return { platform, learning };
}
