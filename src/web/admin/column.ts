/** A column as it is shown. */

import type { ModelColumn } from './table-model.ts';

export interface Column<Row> extends ModelColumn<Row> {
  readonly label: string;
  /** What stands in the cell. */
  text(row: Row): string;
  /** It may take more than a few words. */
  readonly isLong?: boolean;
  /** What is said about it where there is room: the whole of a time. */
  title?(row: Row): string;
}
