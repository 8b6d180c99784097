import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TableModel } from '../../../src/web/admin/table-model.ts';

interface Guest {
  readonly name: string;
  readonly age: number | null;
}

function modelOf(...guests: Guest[]): TableModel<Guest> {
  const model = new TableModel<Guest>(
    [
      { key: 'name', kind: 'text', value: ({ name }) => name },
      { key: 'age', kind: 'number', value: ({ age }) => age },
    ],
    { key: 'name', isDescending: false },
  );
  model.setRows(guests);
  return model;
}

const namesOf = (model: TableModel<Guest>) => model.seen.rows.map(({ name }) => name);
const many = (n: number) => Array.from({ length: n }, (_, i) => ({ name: `Guest ${i}`, age: i }));

describe('which rows of a table are seen', () => {
  it('is by the order of a column, the other way round when it is chosen again', () => {
    const model = modelOf(
      { name: 'b', age: 3 },
      { name: 'A', age: 20 },
      { name: 'c 10', age: 1 },
      { name: 'c 9', age: 2 },
    );
    assert.deepEqual(namesOf(model), ['A', 'b', 'c 9', 'c 10'], 'as people count');
    model.sortBy('age');
    assert.deepEqual(namesOf(model), ['c 10', 'c 9', 'b', 'A']);
    model.sortBy('age');
    assert.deepEqual(namesOf(model), ['A', 'b', 'c 9', 'c 10']);
    assert.deepEqual(model.order, { key: 'age', isDescending: true });
    model.sortBy('name');
    assert.deepEqual(model.order, { key: 'name', isDescending: false });
  });

  it('has what is empty at the end either way, and what is equal as it came', () => {
    const model = modelOf({ name: 'x', age: null }, { name: 'b', age: 1 }, { name: 'a', age: 1 });
    model.sortBy('age');
    assert.deepEqual(namesOf(model), ['b', 'a', 'x']);
    model.sortBy('age');
    assert.deepEqual(namesOf(model), ['b', 'a', 'x']);
  });

  it('is what passes all filters and has what is looked for in a text', () => {
    const model = modelOf({ name: 'Ada', age: 36 }, { name: 'Adam', age: 3 }, { name: 'Bob', age: 40 });
    assert.equal(model.filter('age', '>30'), true);
    assert.deepEqual(namesOf(model), ['Ada', 'Bob']);
    model.find('AD');
    assert.deepEqual(namesOf(model), ['Ada']);
    assert.equal(model.filtered, 1);
    assert.equal(model.filter('age', '>'), false, 'what cannot be read filters nothing');
    assert.equal(model.filtered, 0);
    assert.deepEqual(namesOf(model), ['Ada', 'Adam']);
    assert.deepEqual([model.seen.found, model.seen.total], [2, 3]);
    model.find('36');
    assert.deepEqual(namesOf(model), [], 'numbers are filtered, not looked through');
  });

  it('is page by page, and never a page that is not there any more', () => {
    const model = modelOf(...many(250));
    model.sortBy('age');
    assert.deepEqual([model.seen.rows.length, model.seen.pages, model.seen.before], [100, 3, 0]);
    model.turnTo(2);
    assert.deepEqual([model.seen.rows.length, model.seen.rows[0]?.age, model.seen.before], [50, 200, 200]);
    model.turnTo(99);
    assert.equal(model.seen.page, 2);
    model.setRows(many(120));
    assert.deepEqual([model.seen.page, model.seen.rows.length], [1, 20]);
    model.find('guest');
    assert.equal(model.seen.page, 0, 'who looks for something begins at the beginning');
    model.setRows([]);
    assert.deepEqual([model.seen.page, model.seen.pages, model.seen.found], [0, 1, 0]);
  });

  it('stays on its page when rows come and go', () => {
    const model = modelOf(...many(250));
    model.turnTo(1);
    model.setRows(many(251));
    assert.equal(model.seen.page, 1);
  });
});
