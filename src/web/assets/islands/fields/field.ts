/** A place on a page where somebody signs or fills something in, as core/signing_plan.h writes it in a line. */

export const KINDS = ['signature', 'initials', 'name', 'date', 'text', 'check'] as const;
export type Kind = typeof KINDS[number];

/** Points from the top left of the page as shown. */
export interface Box { x: number; y: number; width: number; height: number }
export interface Size { width: number; height: number }

export interface Field extends Box {
	id: string;
	kind: Kind;
	signer: string; // address, as in To
	file: string; // id of the document
	page: number; // from 1
	isRequired: boolean;
	label: string;
}

/** What a field has at first, and what it has at least. */
export const SIZES: Record<Kind, Size> = {
	signature: { width: 180, height: 48 },
	initials: { width: 64, height: 36 },
	name: { width: 160, height: 22 },
	date: { width: 96, height: 22 },
	text: { width: 180, height: 22 },
	check: { width: 18, height: 18 },
};
export const LEAST: Record<Kind, Size> = {
	signature: { width: 60, height: 20 },
	initials: { width: 30, height: 18 },
	name: { width: 40, height: 12 },
	date: { width: 40, height: 12 },
	text: { width: 30, height: 12 },
	check: { width: 10, height: 10 },
};

/** To the hundredth of a point that is kept. */
const rounded = (points: number): number => Math.round(points * 100) / 100;

const LINE = /^(\S+) (\S+) (\S+) (\S+) (\d+) ([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) (required|optional)(?: (.*))?$/;

export function parseField(line: string): Field | undefined {
	const parts = LINE.exec(line.trimEnd());
	const kind = KINDS.find(one => one === parts?.[2]);
	if (!parts || !kind) return undefined;
	const [x, y, width, height] = parts.slice(6, 10).map(Number) as [number, number, number, number];
	return {
		id: parts[1]!, kind, signer: parts[3]!, file: parts[4]!, page: Number(parts[5]), x, y, width, height,
		isRequired: parts[10] === 'required', label: parts[11] ?? '',
	};
}

export function formatField(field: Field): string {
	const { id, kind, signer, file, page, x, y, width, height, isRequired } = field;
	const label = field.label.replace(/\s+/g, ' ').trim();
	return [id, kind, signer, file, page, ...[x, y, width, height].map(rounded), isRequired ? 'required' : 'optional', ...label ? [label] : []].join(' ');
}

/** No field leaves its page: it is pushed back, and made smaller when it is larger than the page. */
export function within<T extends Box>(box: T, page: Size): T {
	const width = Math.min(box.width, page.width);
	const height = Math.min(box.height, page.height);
	// Rounded down, so that what is written stays inside as well.
	const most = (room: number) => Math.floor(Math.max(0, room) * 100) / 100;
	return {
		...box, width, height,
		x: rounded(Math.min(Math.max(0, box.x), most(page.width - width))),
		y: rounded(Math.min(Math.max(0, box.y), most(page.height - height))),
	};
}

/** Its lower right corner moves. */
export function resized<T extends Box>(box: T, width: number, height: number, least: Size, page: Size): T {
	const fit = (wanted: number, from: number, low: number, room: number) => Math.min(Math.max(low, wanted), Math.max(low, room - from));
	return within({ ...box, width: rounded(fit(width, box.x, least.width, page.width)), height: rounded(fit(height, box.y, least.height, page.height)) }, page);
}

export const isOver = (one: Box, other: Box): boolean =>
	one.x < other.x + other.width && other.x < one.x + one.width && one.y < other.y + other.height && other.y < one.y + one.height;

const ID_CHARACTERS = 8;

export function newId(): string {
	const bytes = crypto.getRandomValues(new Uint8Array(ID_CHARACTERS));
	return `f${Array.from(bytes, byte => (byte % 36).toString(36)).join('')}`;
}

/** In the order in which one reads: by page, then from top to bottom. */
export const inReadingOrder = (a: Field, b: Field): number => a.page - b.page || a.y - b.y || a.x - b.x;
