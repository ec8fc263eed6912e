/** A column of a DataTable. */
export interface Column {
	key: string;
	label: string;
	/** CSS grid track, e.g. "minmax(160px, 2fr)" or "120px". */
	width: string;
	/** The name the server sorts by. */
	sort?: string;
	editable?: boolean;
	/** Hidden while the table is narrower than this many pixels. */
	from?: number;
	/** May not be switched off. */
	fixed?: boolean;
}

/** The columns that are shown: chosen ones, as far as the width allows, in their order. */
export function visible(columns: readonly Column[], chosen: readonly string[], width: number): Column[] {
	return columns.filter((column) => (column.fixed || chosen.includes(column.key)) && width >= (column.from ?? 0));
}

/** The sort after a press on a header: up, then down, then up. */
export function nextSort(current: string, column: string): string {
	return current === column ? `-${column}` : column;
}

export interface Span {
	first: number;
	last: number;
}

/** How many rows are drawn before and after those in view, and never more in all. */
const around = 10;
const limit = 96;

/** The most rows that `span` answers for a height. */
export function most(height: number, rowHeight: number): number {
	return Math.min(limit, Math.ceil(height / rowHeight) + 1 + 2 * around);
}

/** Which rows are drawn: those in view, with some before and after. */
export function span(scrollTop: number, height: number, rowHeight: number, total: number): Span {
	const first = Math.max(0, Math.floor(scrollTop / rowHeight) - around);
	const last = Math.min(total, Math.ceil((scrollTop + height) / rowHeight) + around, first + limit);
	return { first: Math.min(first, Math.max(0, total - 1)), last };
}

/** Where to scroll so that a row is in view under a sticky header; undefined when it is. */
export function reveal(index: number, scrollTop: number, height: number, rowHeight: number, header: number): number | undefined {
	const top = index * rowHeight;
	if (top < scrollTop) return top;
	const bottom = top + rowHeight + header;
	if (bottom > scrollTop + height) return bottom - height;
	return undefined;
}
