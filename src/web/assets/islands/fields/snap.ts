import type { Box, Size } from './field';

/** A line to which something has snapped: across the page at this place, in points. */
export interface Guides { x?: number; y?: number }

interface Snapped { shift: number; at: number }

/** The nearest of `targets` to any of `edges`, if it is near enough. */
function nearest(edges: number[], targets: number[], near: number): Snapped | undefined {
	let best: Snapped | undefined;
	for (const edge of edges)
		for (const at of targets)
			if (Math.abs(at - edge) <= (best ? Math.abs(best.shift) - 0.001 : near)) best = { shift: at - edge, at };
	return best;
}

const across = ({ x, width }: Box): number[] => [x, x + width / 2, x + width];
const down = ({ y, height }: Box): number[] => [y, y + height / 2, y + height];

const guides = (x: Snapped | undefined, y: Snapped | undefined): Guides => ({ ...x && { x: x.at }, ...y && { y: y.at } });

/** Moves a box into line with the others and with the middle of the page. */
export function snapMoved<T extends Box>(box: T, others: Box[], page: Size, near: number): { box: T; guides: Guides } {
	const x = nearest(across(box), [page.width / 2, ...others.flatMap(across)], near);
	const y = nearest(down(box), others.flatMap(down), near);
	return { box: { ...box, x: box.x + (x?.shift ?? 0), y: box.y + (y?.shift ?? 0) }, guides: guides(x, y) };
}

/** The same for its lower right corner: in line with others, or as large as they are. */
export function snapResized<T extends Box>(box: T, others: Box[], near: number): { box: T; guides: Guides } {
	const x = nearest([box.x + box.width], others.flatMap(other => [...across(other), box.x + other.width]), near);
	const y = nearest([box.y + box.height], others.flatMap(other => [...down(other), box.y + other.height]), near);
	return { box: { ...box, width: box.width + (x?.shift ?? 0), height: box.height + (y?.shift ?? 0) }, guides: guides(x, y) };
}
