/** A process that is killed in the middle of a step. Arguments: the file, and whether it is the `first` step or the `next`. */

import SqliteDatabase from 'better-sqlite3';
import { migrate, migrations } from '../../../../src/stores/sqlite/schema.ts';

const [path = '', step] = process.argv.slice(2);
const database = new SqliteDatabase(path);
database.function('die', () => process.kill(process.pid, 'SIGKILL') && 1);
// What is changed is written to the file before the commit, as it is if there is much of it.
database.pragma('cache_size = 1');
database.pragma('cache_spill = 1');

const filling = `
  CREATE TABLE filling (text TEXT);
  INSERT INTO filling
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 500)
    SELECT printf('%.1000c', 'x') FROM numbers;`;
const next = `ALTER TABLE rooms ADD COLUMN colour TEXT; ${filling} SELECT die();`;
const [first = '', ...others] = migrations;
migrate(
  database,
  step === 'first' ? [`${first} ${filling} SELECT die();`, ...others] : [...migrations, next],
);
