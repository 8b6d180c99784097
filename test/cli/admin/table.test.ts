import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Column, tableOf } from '../../../src/cli/admin/table.ts';
import { columnsOf } from '../../../src/cli/chat/width.ts';

interface Row {
  readonly id: string;
  readonly name: string;
  readonly place?: string;
  readonly size: number;
}

const columns: readonly Column<Row>[] = [
  { title: 'ID', text: ({ id }) => id },
  { title: 'NAME', text: ({ name }) => name, least: 6 },
  { title: 'PLACE', text: ({ place }) => place ?? '', worth: 1 },
  { title: 'SIZE', text: ({ size }) => `${size}`, isNumber: true, worth: 2 },
];

const rows: readonly Row[] = [
  { id: 'a1', name: 'Ada', place: 'lobby', size: 7 },
  { id: 'b22', name: '日本語の名前です', size: 1234 },
];

describe('a table', () => {
  it('is as wide as it takes where nothing bounds it, with numbers to the right', () => {
    assert.deepEqual(tableOf(columns, rows, undefined), [
      'ID   NAME              PLACE  SIZE',
      'a1   Ada               lobby     7',
      'b22  日本語の名前です  -      1234',
    ]);
  });

  it('cuts what may be cut, and never a wide character in two', () => {
    assert.deepEqual(tableOf(columns, rows, 30), [
      'ID   NAME          PLACE  SIZE',
      'a1   Ada           lobby     7',
      'b22  日本語の名…   -      1234',
    ]);
  });

  it('leaves out what is worth least where there is no place, never what identifies a row', () => {
    assert.deepEqual(tableOf(columns, rows, 20), [
      'ID   NAME       SIZE',
      'a1   Ada           7',
      'b22  日本語の…  1234',
    ]);
    const long = [{ id: 'x'.repeat(40), name: 'Ada', size: 1 }];
    assert.deepEqual(tableOf(columns, long, 20), [`${'ID'.padEnd(40)}  NAME`, `${long[0]?.id}  Ada`]);
  });

  it('leaves out first what is empty in every row', () => {
    const empty = rows.map(({ id, name, size }) => ({ id, name, size }));
    const withWorth = columns.map((column) => (column.title === 'PLACE' ? { ...column, worth: 9 } : column));
    assert.match(tableOf(withWorth, empty, 20)[0] ?? '', /^ID +NAME +SIZE$/);
  });

  it('keeps to every width from 20 columns on, whatever the texts are', () => {
    const hostile = [
      '👩‍👩‍👧‍👦'.repeat(9),
      'e\u0301'.repeat(30),
      'שלום '.repeat(9),
      '\u202e\u001b[31m',
      'ｗｉｄｅ'.repeat(8),
    ];
    const all = hostile.map((name, index) => ({ id: `${index}`, name, place: name, size: index }));
    for (let width = 20; width < 120; width++) {
      const table = tableOf(columns, all, width);
      assert.equal(table.length, all.length + 1);
      for (const row of table) assert(columnsOf(row) <= width, `${width}: ${row}`);
    }
  });

  it('has nothing of a text that moves the cursor, breaks a row or looks like two columns [P-5]', () => {
    const name = '\u001b[2J\u009b31mEve\r\nAda    lobby\u202e\t!';
    const [, row = ''] = tableOf(columns, [{ id: 'a', name, size: 1 }], undefined);
    assert.equal(row, 'a   \\u{1b}[2J\\u{9b}31mEve\\u{d}\\u{a}Ada lobby\\u{202e} !  -         1');
  });
});
